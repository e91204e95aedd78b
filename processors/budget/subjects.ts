import type { Tags } from '../../genai/call.ts'
import type { SubjectView } from '../../pipeline/services.ts'

type BuiltIn = {
  run: string | undefined
  agent: string | undefined
  workflow: string | undefined
  step: string | undefined
  customer: string | undefined
  business_unit: string | undefined
}

/**
 * What the ledger calls the tags of a call. One object, filled anew for every call: the ledger only reads it. Built-in
 * tags win over configured ones of the same name.
 */
export class Subjects {
  private readonly own: BuiltIn = {
    run: undefined,
    agent: undefined,
    workflow: undefined,
    step: undefined,
    customer: undefined,
    business_unit: undefined,
  }

  of(tags: Tags): SubjectView {
    const { own } = this
    own.run = tags.run
    own.agent = tags.agent
    own.workflow = tags.workflow
    own.step = tags.step
    own.customer = tags.customer
    own.business_unit = tags.businessUnit
    const { extra } = tags
    return extra === undefined ? own : merged(extra, own)
  }
}

function merged(extra: Readonly<Record<string, string>>, own: BuiltIn): SubjectView {
  const subject: Record<string, string | undefined> = { ...extra }
  for (const [key, value] of Object.entries(own)) if (value !== undefined) subject[key] = value
  return subject
}
