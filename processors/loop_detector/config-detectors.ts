import { boolean, integer, list, object } from '../../pipeline/config/spec.ts'

const enabled = boolean({ doc: 'Whether to look for it.', default: true })
const WINDOW_MAX = 36

const count = (doc: string, given: number, max = WINDOW_MAX) => integer({ doc, default: given, min: 0, max })
const window = (doc: string, given: number) => integer({ doc, default: given, min: 2, max: WINDOW_MAX })
/** Below two there is no repetition. */
const many = (doc: string, given: number) =>
  integer({ doc: `${doc} 0: never.`, default: given, min: 0, max: 1_000_000 })

const cycles = {
  exact_cycle: object(
    {
      enabled,
      max_period: integer({ doc: 'Longest cycle looked for, in tool calls.', default: 12, min: 1, max: 12 }),
      warn: count('Repetitions of a cycle that warn; 0: never.', 3),
      critical_period_1: count('Times that the very same call must come in a row to be critical; 0: never.', 4),
      critical: count(
        'Times that a cycle of two or more calls must come to be critical; the last time counts when half of it has come. 0: never.',
        3,
      ),
      critical_period_1_without_result: count(
        'As `critical_period_1`, where results are not recorded and only arguments can be compared; 0: never.',
        6,
      ),
      critical_without_result: count(
        'As `critical`, where results are not recorded and only arguments can be compared; 0: never.',
        4,
      ),
    },
    {
      doc: 'The same tool calls with the same arguments and the same outcome, one or a cycle of several, again and again. An error counts by its class: numbers and hexadecimals in it are folded.',
    },
  ),
  circling: object(
    {
      enabled,
      rounds: count('Times that each of a few calls must have come, on average, to be critical; 0: never.', 3),
      max_distinct: integer({ doc: 'Different calls that may take part, at most.', default: 5, min: 2, max: 9 }),
    },
    {
      doc: 'Only a few different calls for a long stretch, in whatever order: no cycle, but going in circles. Errors count by their class, whatever the arguments were.',
    },
  ),
  size_cycle: object(
    {
      enabled,
      warn: count('Repetitions that warn; 0: never.', 3),
      critical_period_1: count(
        'Times in a row that one tool must bring an error or a large result of exactly the same size to be critical; 0: never.',
        4,
      ),
      critical_small_period_1: count(
        'The same for small results that are no errors, from model answers that were of exactly the same size too. Short acknowledgements of tools that change something never count, because a batch looks the same; 0: never.',
        6,
      ),
      critical: count('Times that a cycle of two or more calls must come to be critical; 0: never.', 3),
      errors: count(
        'Errors of one tool and exactly the same size within `errors_window` that are critical; 0: never.',
        5,
      ),
      errors_window: window('Calls looked back at for `errors`.', 8),
      duplicates: count(
        'Errors or large results of one tool and exactly the same size, not in a row, that are critical; 0: never.',
        6,
      ),
      large_result_tokens: integer({
        doc: 'A result of at least this many tokens is large: that two of them have exactly the same size is no chance.',
        default: 64,
        min: 1,
        max: 65_534,
      }),
    },
    {
      doc: 'Where arguments or results are not recorded: the same tool, the same error flag and exactly the same number of tokens, again and again. The size of a result is how much the context grew beyond the model’s own answer.',
    },
  ),
}

const repetitions = {
  repeated_error: object(
    {
      enabled,
      warn: count('Errors of one class by one tool within the window that warn; 0: never.', 4),
      critical: count('Errors of one class by one tool within the window that are critical; 0: never.', 5),
      window: window('Calls looked back at.', 8),
    },
    { doc: 'One tool fails again and again in the same way, whatever the arguments.' },
  ),
  duplicate_call: object(
    {
      enabled,
      warn: count('Times that warn; 0: never.', 4),
      critical: count('Times that are critical, anywhere in the window; 0: never.', 6),
      window: window('Calls looked back at for `critical`.', 36),
      critical_close: count('Times that are critical when they lie within `close_window` calls; 0: never.', 4),
      close_window: window('Calls looked back at for `critical_close`.', 6),
    },
    {
      doc: 'One tool with the same outcome and hardly any new arguments, not necessarily in a row. Far apart it only counts as long as nothing was changed in between: running a test again after an edit is work.',
    },
  ),
  same_result: object(
    {
      enabled,
      warn: count('Equal results within the window that warn; 0: never.', 8),
      critical: count('Equal results within the window that are critical; 0: never.', 6),
      window: window('Calls looked back at.', 8),
      long_result_tokens: integer({
        doc: 'A result of at least this many tokens is more than an acknowledgement.',
        default: 24,
        min: 1,
        max: 65_534,
      }),
    },
    {
      doc: 'One tool brings the same result for different arguments. Critical for tools that search, for long results, and where some arguments came twice; otherwise it only warns, and not at all for tools that change something: a batch that is acknowledged looks the same.',
    },
  ),
  same_args: object(
    {
      enabled,
      warn: count('Times in a row that warn; 0: never.', 8),
      critical: count('Times in a row that are critical; 0: never.', 0),
      acting_warn: count('As `warn`, for tools that change something.', 3),
      acting_critical: count('As `critical`, for tools that change something.', 4),
    },
    {
      doc: 'The same call in a row with a different result each time. Paging and polling look like that, so it is only critical for tools that change something: the same edit over and over.',
    },
  ),
  failing_tool: object(
    {
      enabled,
      warn: count('Failed calls of one tool within the window that warn; 0: never.', 6),
      critical: count('Failed calls of one tool within the window that are critical; 0: never.', 8),
      window: window('Calls looked back at.', 10),
      generic_critical: count('As `critical`, for tools that run whatever they are given; 0: never.', 12),
      generic_window: window('As `window`, for tools that run whatever they are given.', 14),
    },
    { doc: 'One tool fails nearly always, each time differently.' },
  ),
  barren_search: object(
    {
      enabled,
      warn: count('Searches within the window that warn; 0: never.', 12),
      critical: count('Searches within the window that are critical; 0: never.', 16),
      window: window('Calls looked back at.', 20),
      max_result_tokens: integer({
        doc: 'A search whose result is not longer than this has found next to nothing.',
        default: 32,
        min: 0,
        max: 65_534,
      }),
    },
    { doc: 'Search after search that comes back next to empty, and nothing else.' },
  ),
}

const modelCalls = {
  retry_storm: object(
    {
      enabled,
      status: list(integer({ doc: 'An HTTP status code.', min: 400, max: 599 }), {
        doc: 'HTTP status codes of model calls that clients try again. Without a status, the error type decides.',
        default: [408, 409, 429, 500, 502, 503, 504, 529],
      }),
      warn: many('Failed attempts within a minute that warn.', 5),
      critical: many('Failed attempts within a minute that are critical.', 15),
    },
    {
      doc: 'Model calls that fail and are tried again at once, counting the attempts that a client made by itself. Whoever waits longer from try to try never gets there.',
    },
  ),
  context_growth: object(
    {
      enabled,
      warn: many('Steps in a row of exactly the same growth and the same answer size that warn.', 6),
      critical: many('Steps in a row that are critical.', 0),
    },
    {
      doc: 'The context of a run grows by exactly the same number of tokens from call to call, and the answers are of the same size. For runs whose tool calls are not recorded.',
    },
  ),
}

const wholeRuns = {
  fan_out: object(
    {
      enabled,
      warn: many('Agents within one run that warn.', 100),
      critical: many('Agents within one run that are critical.', 200),
    },
    { doc: 'A run that starts agent after agent.' },
  ),
  depth: object(
    {
      enabled,
      warn: many('Agents within agents, the outermost one counted, that warn.', 6),
      critical: many('Agents within agents that are critical.', 12),
    },
    { doc: 'Agents that call agents that call agents.' },
  ),
  caps: object(
    {
      enabled,
      warn_model_calls: many('Model calls of one run that warn.', 500),
      max_model_calls: many('Model calls of one run that are critical.', 0),
      warn_tool_calls: many('Tool calls of one run that warn.', 0),
      max_tool_calls: many('Tool calls of one run that are critical.', 0),
    },
    { doc: 'Flat limits for a run. They do not start afresh when the user speaks.' },
  ),
  conversation_repeat: object(
    {
      enabled,
      warn: count('Times that warn; 0: never.', 8, 16),
      critical: count('Times that are critical; 0: never.', 0, 16),
    },
    {
      doc: 'The same call with the same outcome in one conversation, however many runs and user turns it is spread over; the last 16 calls of a conversation are looked at.',
    },
  ),
}

export const detectors = { ...cycles, ...repetitions, ...modelCalls, ...wholeRuns }
