import type { Tags } from '../../genai/call.ts'

/**
 * Whose calls belong together: those of one agent in one run. Not the run alone, because the calls of two agents that
 * work in turns would break each other's cycles, and look like a cycle where there is none.
 */
export function runKey(tags: Tags, agentId: string | undefined): string {
  return `${tags.run ?? ''}\u0000${agentId ?? tags.agent ?? ''}`
}
