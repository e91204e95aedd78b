import { boolean, choice, duration, type Infer, integer, map, object } from '../../pipeline/config/spec.ts'

export const config = object(
  {
    max_entries: integer({
      doc: 'How many spans and response ids are remembered for billing each call once, per table and generation; between one and two times this many are known. 32 to 64 bytes each. When more than that lie between two reports of the same call, the second one is billed again.',
      default: 131_072,
      min: 1024,
      max: 16_777_216,
    }),
    rollup_grace: duration({
      doc: 'How long an agent or workflow span that reports usage waits for a span below it that does. When none came, the usage of the roll-up itself is billed; so it is when the sidecar stops. At most 4096 wait; of more than that, the oldest is decided early.',
      default: '60s',
      min: 1000,
      max: 3_600_000,
    }),
    step_depth: boolean({
      doc: 'Writes onto spans of agents, workflows, steps and tools how many of those are around them, as `tokenfuse.step.depth`. Only where one request shows the way up to a span without parent.',
      default: false,
    }),
    running_totals: map(
      choice(['parent', 'trace', 'conversation'], {
        doc: 'What the total runs over: the calls below one span, a trace, or a conversation.',
      }),
      {
        doc: 'Instrumentation scopes whose calls report running totals instead of what each of them used, by name. Then what the total grew by is billed. Dialects that are known to do so need no entry; usage that only ever grows is otherwise flagged `cumulative_suspect` and billed as it stands.',
        examples: [{ 'my-agent': 'parent' }],
      },
    ),
    signal_of_record: map(
      choice(['spans', 'logs'], {
        doc: 'The signal whose records are billed; those of the other one are evidence, marked `duplicate`.',
      }),
      {
        doc: 'Which signal a source that reports the same calls as spans and as log events is billed from, by dialect. By default log events for `claude_code`, `codex` and `gemini_cli`, spans for all others. Set it when only the other signal is sent here.',
        examples: [{ claude_code: 'spans' }],
      },
    ),
  },
  {
    doc: 'Recognises provider calls and agent steps in spans and log events, takes their token usage apart and bills each call once.',
  },
)

type Full = Infer<typeof config>
/** Whoever makes the processor without a file may leave the defaults out. */
export type Config = Pick<Full, 'max_entries'> & Partial<Full>
