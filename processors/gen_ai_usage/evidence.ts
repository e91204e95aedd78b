import type { Call } from '../../genai/call.ts'
import { totalInput, totalOutput } from '../../genai/usage.ts'

/**
 * What a span around a call knows and the call does not: both report the same call, since their usage is the same. Only
 * within one batch, where both are at hand.
 */
export function mergeEvidence(call: Call, around: Call): void {
  if (totalInput(call.usage) !== totalInput(around.usage) || totalOutput(call.usage) !== totalOutput(around.usage))
    return
  call.serviceTier ??= around.serviceTier
  call.speed ??= around.speed
  call.inferenceGeo ??= around.inferenceGeo
  call.region ??= around.region
  call.requestModel ??= around.requestModel
  call.responseModel ??= around.responseModel
  call.conversation ??= around.conversation
  call.agentId ??= around.agentId
  if (call.provider === '') call.provider = around.provider
  if (call.reportedPico === undefined && around.reportedPico !== undefined) {
    call.reportedPico = around.reportedPico
    call.reportedIsBilled = around.reportedIsBilled
  }
}
