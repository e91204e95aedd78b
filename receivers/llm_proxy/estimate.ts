import type { Answer } from './answer.ts'
import type { Form } from './route.ts'

/** English prose and code come to about four bytes a token with all current tokenizers. */
const BYTES_PER_TOKEN = 4

/** Answers whose input and output are text, which can be estimated from its length. */
const TEXT_FORMS: ReadonlySet<Form> = new Set(['chat', 'completions', 'responses', 'messages'])

export interface Circumstances {
  readonly form: Form
  /** Undefined when the provider never answered. */
  readonly status: number | undefined
  readonly wasAborted: boolean
  /** The provider had the whole request. */
  readonly wasSent: boolean
  readonly requestTextBytes: number
  readonly answerTextBytes: number
}

/**
 * Fills in what a provider did not say, so that a call that was cut, or whose usage went missing, still counts against
 * its budgets. Everything estimated is flagged. A call that the provider refused has used nothing.
 */
export function completeUsage(
  answer: Answer,
  at: Circumstances,
): { readonly answer: Answer; readonly flags: readonly string[] } {
  const flags = at.wasAborted ? ['aborted', ...answer.flags] : [...answer.flags]
  const mayHaveCost = at.status === undefined ? at.wasAborted && at.wasSent : at.status < 400
  const isWhole = answer.usage?.input !== undefined && (answer.usage.output !== undefined || at.form === 'embeddings')
  if (!mayHaveCost || isWhole) return { answer, flags }
  if (answer.usage === undefined) flags.push('usage_missing')
  if (!TEXT_FORMS.has(at.form)) return { answer, flags }
  const usage = { ...answer.usage }
  if (usage.input === undefined && at.requestTextBytes > 0) {
    usage.input = tokens(at.requestTextBytes)
    flags.push('estimated_input')
  }
  if (usage.output === undefined && at.answerTextBytes > 0) {
    usage.output = tokens(at.answerTextBytes)
    flags.push('estimated_output')
  }
  return { answer: { ...answer, usage }, flags }
}

const tokens = (bytes: number): number => Math.ceil(bytes / BYTES_PER_TOKEN)
