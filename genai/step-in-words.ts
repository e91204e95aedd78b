import type { Step } from './step.ts'

/** `tool search, 2 deep in agent planner, failed (timeout); run=r1`. */
export function stepInWords(step: Step): string {
  const { kind, name, depth, parent, isError, errorType, tags } = step
  const deep = depth === undefined ? '' : depth === 0 ? ', outermost' : `, ${depth} deep`
  const within = parent === undefined ? '' : `${deep === '' ? ',' : ''} in ${parent.kind} ${parent.name}`
  const failed = isError ? `, failed${errorType === undefined ? '' : ` (${errorType})`}` : ''
  const run = tags.run === undefined ? '' : `; run=${tags.run}`
  return `${kind.replace('_', ' ')} ${name === '' ? 'without a name' : name}${deep}${within}${failed}${run}`
}
