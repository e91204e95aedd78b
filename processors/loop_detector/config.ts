import {
  boolean,
  choice,
  duration,
  type Infer,
  integer,
  list,
  map,
  number,
  object,
  string,
  usd,
} from '../../pipeline/config/spec.ts'
import { detectors } from './config-detectors.ts'
import { OVERRIDABLE } from './detectors.ts'

const ACTIONS = ['signal', 'throttle', 'kill'] as const

const threshold = object(
  {
    warn: integer({ doc: 'From here on a warning; 0: never.', optional: true, min: 0, max: 36 }),
    critical: integer({ doc: 'From here on critical; 0: never.', optional: true, min: 0, max: 36 }),
  },
  { doc: 'Thresholds that replace those of one detector; one that is left out stays as it is.' },
)

const overrides = map(threshold, {
  doc: `Other thresholds, by detector: ${OVERRIDABLE.join(', ')}.`,
  examples: [{ exact_cycle: { critical: 10 }, same_args: { warn: 0, critical: 0 } }],
})

const pattern = string({
  doc: 'A name, upper and lower case alike; `*` stands for any characters.',
  pattern: /^[^\s].{0,127}$/,
  examples: ['get_job_*'],
})

const checkOverrides = (value: { readonly detectors: Readonly<Record<string, unknown>> }) =>
  Object.keys(value.detectors)
    .filter((name) => !OVERRIDABLE.includes(name))
    .map((name) => ({ path: ['detectors', name], message: `no such detector; there are ${OVERRIDABLE.join(', ')}` }))

const tool = object(
  {
    match: list(pattern, { doc: 'Names of the tools that this is about. The first entry that matches a tool counts.' }),
    exempt: boolean({ doc: 'Do not look at their calls at all.', default: false }),
    polling: boolean({
      doc: 'They ask again and again until something has changed: thresholds of `polling` apply.',
      default: false,
    }),
    detectors: overrides,
  },
  { doc: 'What is different for some tools.' },
  checkOverrides,
)

const agent = object(
  {
    match: list(pattern, { doc: 'Names of the agents that this is about. The first entry that matches counts.' }),
    exempt: boolean({ doc: 'Do not look at them at all.', default: false }),
    on_critical: choice(ACTIONS, { doc: 'As the key of the same name, for these agents.', optional: true }),
    min_wasted_usd: usd({ doc: 'As the key of the same name, for these agents.', optional: true }),
    detectors: overrides,
  },
  { doc: 'What is different for some agents.' },
  checkOverrides,
)

const words = (doc: string, given: string) =>
  list(string({ doc: 'A word, in lower case.', pattern: /^[a-z0-9]{1,32}$/ }), {
    doc: `${doc} Tool names are taken apart at capitals, digits, dots, dashes and underscores; one of these words makes the tool of this kind.`,
    default: given.split(' '),
  })

export const config = object(
  {
    mode: choice(['enforce', 'shadow'], {
      doc: '`shadow`: verdicts only signal, and say in `evidence.would` what would have followed.',
      default: 'enforce',
    }),
    on_critical: choice(ACTIONS, {
      doc: 'What follows a critical verdict: `signal` only tells, `throttle` slows the run down, `kill` refuses its next model call. The detector itself stops nothing: an exporter that enforces does.',
      default: 'signal',
    }),
    min_wasted_usd: usd({
      doc: 'A critical verdict only has its action when the run has spent at least this since the loop began. Until then it signals; when the loop goes on past this amount, a further verdict has the action. 0 acts at once.',
      default: '0.05',
    }),
    max_runs: integer({
      doc: 'Agents in runs that are watched at the same time, 2 KiB each; as many runs and conversations. Beyond it the one that was idle longest is forgotten, and counted in tokenfuse_loop_detector_runs_evicted_total.',
      default: 100_000,
      min: 1,
      max: 1_000_000,
    }),
    idle_ttl: duration({
      doc: 'A run that does nothing for this long starts afresh when it goes on.',
      default: '30m',
      min: 1000,
      max: 172_800_000,
    }),
    user_turn_gap: duration({
      doc: 'A final answer of the model followed, after at least this long and without a tool call, by another model call of the same run means that the user spoke: everything starts afresh, but for what was spent. Shorter gaps are an agent talking to itself.',
      default: '1s',
      min: 0,
    }),
    polling: object(
      {
        interval: duration({
          doc: 'Repetitions that are all at least this far apart are polling, whatever the tool is called. So are repetitions whose gaps grow each time: that is backing off.',
          default: '15s',
          min: 100,
        }),
        critical: integer({
          doc: 'Times that polling may bring the very same answer before it is critical; 0: any number of times.',
          default: 30,
          min: 0,
          max: 36,
        }),
      },
      { doc: 'Asking again for something that takes its time.' },
    ),
    tool_words: object(
      {
        search: words(
          'Tools that look for something: if they keep finding the same for different questions, they find nothing.',
          'search find grep rg glob locate lookup which scan',
        ),
        listing: words(
          'Tools that list what is there. As `search`, except that short lists are nothing unusual.',
          'list ls dir tree',
        ),
        acting: words(
          'Tools that change something: the very same change again and again makes no sense, whatever comes of it, while a row of short acknowledgements is just a batch being worked through.',
          'edit write create insert append replace update set put patch apply delete remove rm move mv copy cp rename mkdir touch chmod send post upload convert resize compress commit push save add book cancel transfer pay refund reply publish process handle import export index format tag label archive sync migrate register assign close mark notify',
        ),
        generic: words(
          'Tools whose name says nothing about what they do, because they run whatever they are given.',
          'bash shell sh zsh terminal console command cmd powershell exec execute run python ipython node repl interpreter notebook code sql query java javac make test tests call',
        ),
        polling: words(
          'Tools that ask again until something has changed: thresholds of `polling` apply.',
          'poll polling wait sleep status progress heartbeat',
        ),
      },
      { doc: 'What names of tools tell. An entry of `tools` says more about a tool than its name does.' },
    ),
    tools: list(tool, {
      doc: 'Exceptions for tools of your own. A tool can also say itself what makes two of its calls the same, with the span attribute `tokenfuse.loop.key`.',
      examples: [
        [
          { match: ['get_job_*'], polling: true },
          { match: ['recall'], exempt: true },
        ],
      ],
    }),
    agents: list(agent, {
      doc: 'Exceptions for agents of your own.',
      examples: [[{ match: ['nightly-*'], on_critical: 'kill', min_wasted_usd: '1.00' }]],
    }),
    ...detectors,
    velocity: object(
      {
        enabled: boolean({ doc: 'Whether to look for it.', default: true }),
        usd_per_minute: usd({
          doc: 'A run that spends this much within a minute warns; 0: no limit.',
          default: '5.00',
        }),
        model_calls_per_minute: integer({
          doc: 'A run that makes this many model calls within a minute warns; 0: no limit.',
          default: 240,
          min: 0,
        }),
        drift: number({
          doc: 'How far above its agent’s usual spend per minute a run must be to count as drifting, in standard deviations (`k` of the CUSUM).',
          default: 0.5,
          min: 0,
        }),
        limit: number({
          doc: 'Accumulated drift that warns (`h` of the CUSUM), in standard deviations; 0: off.',
          default: 8,
          min: 0,
        }),
        learn_minutes: integer({
          doc: 'Minutes of work of an agent that must have been seen before its usual spend is known.',
          default: 60,
          min: 2,
        }),
      },
      {
        doc: 'A run that spends much faster than its agent usually does, or faster than any should. Warns only: speed alone is no loop.',
      },
    ),
  },
  { doc: 'Notices runs that spin, with evidence.' },
)

export type Config = Infer<typeof config>
