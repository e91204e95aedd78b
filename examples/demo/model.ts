import type { Reply, ReplyToolCall, Script } from '../provider/script.ts'

/** What the stand-in model does: three tickets well, then a refund whose tool is broken, over and over. */

const TICKETS = [
  { order: 'A-1041', item: 'lamp' },
  { order: 'A-1077', item: 'desk' },
  { order: 'A-1102', item: 'chair' },
]

const tool = (name: string, args: Record<string, unknown>): ReplyToolCall => ({ name, arguments: args })

const GOOD_WORK: readonly ReplyToolCall[] = TICKETS.flatMap(({ order, item }) => [
  tool('find_order', { order }),
  tool('check_stock', { item }),
  tool('send_reply', { order, text: `Your ${item} leaves today.` }),
])

/** The system prompt, the tools and the policy handbook that every call carries along; cached after the first. */
const FIXED_TOKENS = 9_000
const TOKENS_PER_TURN = 650

export const script: Script = ({ number }): Reply => {
  const context = number * TOKENS_PER_TURN
  const next = GOOD_WORK[number - 1] ?? tool('issue_refund', { order: 'A-1102', amount_usd: 189 })
  return {
    toolCalls: [next],
    delayMs: 120,
    usage: {
      input: number === 1 ? FIXED_TOKENS + context : context,
      cacheRead: number === 1 ? 0 : FIXED_TOKENS,
      output: 90,
    },
  }
}

/** What the agent's tools answer. The payment gateway is down, and says so a little differently each time. */
export function runTool(name: string, attempt: number): { readonly result: string; readonly failed: boolean } {
  if (name !== 'issue_refund') return { result: `{"ok":true,"tool":"${name}","n":${attempt}}`, failed: false }
  return { result: `PaymentGatewayError: connection reset by peer (request ${48_213 + attempt})`, failed: true }
}
