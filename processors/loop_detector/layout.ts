/** Tool calls that are remembered of a run: three rounds of the longest cycle. */
export const RING = 36
/** Model calls that are remembered of a run: enough to put late spans in their place. */
export const CHATS = 10
/** Of a size that is not known, or too large to be kept. */
export const UNKNOWN = 0xffff
export const UNKNOWN_COUNT = 0x7fffffff

/**
 * Where everything of one run stands in its piece of a slab of 32-bit words. Numbers that need more are doubles, two
 * words each, at even places; those come first and are counted in doubles.
 */
export const DOUBLE = {
  lastSeenMs: 0,
  pico: 1,
  tokens: 2,
  /** What the run had cost when the loop began. */
  onsetPico: 3,
  onsetTokens: 4,
  onsetMs: 5,
  /** Spend of the whole run that was taken over, for agents whose own model calls are not told apart. */
  rootSeen: 6,
  /** What of it has been put to the account of a tool call. */
  chargedPico: 7,
  chargedTokens: 8,
} as const

export const WORD = {
  head: 18,
  length: 19,
  calls: 20,
  modelCalls: 21,
  /** When the user last spoke; calls before that are not looked at. */
  turn: 22,
  hasTurn: 23,
  /** Level that was told, whether it was acted on, calls since the last finding. */
  episode: 24,
  onsetSpanHigh: 25,
  onsetSpanLow: 26,
  onsetCalls: 27,
  /** One bit for each of the last 32 calls: it failed. */
  errors: 28,
  chats: 29,
  /** What was ever seen of it, bits of {@link SEEN}. */
  seen: 30,
  retryStart: 31,
  retryBefore: 32,
  retryNow: 33,
  retryLevel: 34,
  growthStep: 35,
  growthOutput: 36,
  growthCount: 37,
  growthLevel: 38,
  minute: 39,
  minuteMicroUsd: 40,
  minuteCalls: 41,
  /** Cumulative sum, in thousandths. */
  cusum: 42,
  velocityLevel: 43,
  /** Rows that were ever in use; those behind them are empty. */
  used: 44,
  /** Where the oldest model call stands. */
  chatHead: 45,
} as const

export const SEEN = { arguments: 1, results: 2, sizes: 4, inputs: 8 } as const

/** A model call: start, end, input tokens, output tokens with {@link FINAL}. */
export const CHAT_WORDS = 4
export const CHAT_AT = 46
/** Bit of the output word: the model had nothing more to do. */
export const FINAL = 0x80000000

/** What a tool was called with, what came of it, and that exactly: an error's numbers count only in the last one. */
export const CALL_AT = CHAT_AT + CHATS * CHAT_WORDS
export const OUTCOME_AT = CALL_AT + RING
export const EXACT_AT = OUTCOME_AT + RING
/** When it began, and the lower half of its span's id: what a late call is compared with, side by side. */
export const START_AT = EXACT_AT + RING
export const SPAN_LOW_AT = START_AT + RING
/** The rest of a tool call, row by row. */
export const ROWS_AT = SPAN_LOW_AT + RING
export const ROW_WORDS = 5
export const ROW = {
  spanHigh: 0,
  /** Tool number; milliseconds since the start of the model call that asked for it, {@link UNKNOWN} = none or long ago. */
  toolAndLag: 1,
  /** Error bit, code of the idle time before the call and of its duration (7 bits each), tokens since the call before (17). */
  flagsAndTokens: 2,
  /** Output tokens of the model call that asked for it; tokens that its result added to the context. */
  sizes: 3,
  /** Spent since the call before, in units of 10 nano-USD. */
  cost: 4,
} as const

export const ERROR_SHIFT = 31
export const ERROR_BIT = 0x80000000
export const IDLE_SHIFT = 24
export const DURATION_SHIFT = 17
/** Codes of times have seven bits. */
export const CODE_MASK = 0x7f
export const TOKENS_MASK = 0x1ffff
/** Tokens are kept in units of so many. */
export const TOKENS_UNIT = 16
export const PICO_PER_COST = 10_000

/** Which row belongs to which position, one byte each: a late call moves bytes, not rows. */
export const ORDER_AT = ROWS_AT + RING * ROW_WORDS
/** A bit for the hash of every call and outcome that is remembered, and of some that no longer are. */
export const NOTED_AT = ORDER_AT + RING / 4
export const NOTED_WORDS = 16
const WORDS = NOTED_AT + NOTED_WORDS
/** Words of one run; even, so that every run's doubles are aligned. */
export const RUN_WORDS = WORDS + (WORDS & 1)

/** A tool call on its way into a run; 0 and 0 when the span has no id, hashes are 0 when nothing was recorded. */
export const TOOL_CALL = {
  /** In ticks. */
  start: 0,
  end: 1,
  spanHigh: 2,
  spanLow: 3,
  tool: 4,
  isError: 5,
  /** Hash of tool and arguments, of tool and outcome, of tool and exact outcome. */
  call: 6,
  outcome: 7,
  exact: 8,
} as const
export const TOOL_CALL_WORDS = 9
