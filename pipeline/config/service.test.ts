import { configOf, load, problemsOf, warningsOf } from './testing/fakes.ts'

const GOOD = `receivers:
  otlp:
    protocols: { grpc: }
  otlp/second:
    protocols: { http: }
processors:
  budget:
exporters:
  otlphttp/langfuse:
    endpoint: https://x
  debug:
extensions:
  ledger:
service:
  extensions: [ledger]
  pipelines:
    traces:
      receivers: [otlp, otlp/second]
      processors: [budget]
      exporters: [otlphttp/langfuse, debug]
    metrics/other:
      receivers: [otlp]
      exporters: [otlphttp/langfuse]
`

describe('a good configuration', () => {
  const config = configOf(GOOD)

  test('has its components by id, with their factories and configs', () => {
    expect([...config.receivers.keys()]).toEqual(['otlp', 'otlp/second'])
    expect(config.exporters.get('otlphttp/langfuse')).toMatchObject({
      id: 'otlphttp/langfuse',
      factory: { type: 'otlp_http' },
      config: { endpoint: 'https://x', timeout: 30_000 },
      place: { source: 'config.yaml', line: 9, column: 3 },
    })
    expect([...config.extensions.keys()]).toEqual(['ledger'])
  })

  test('has its pipelines in the order written', () => {
    expect(config.pipelines).toEqual([
      {
        id: 'traces',
        signal: 'traces',
        receivers: ['otlp', 'otlp/second'],
        processors: ['budget'],
        exporters: ['otlphttp/langfuse', 'debug'],
      },
      {
        id: 'metrics/other',
        signal: 'metrics',
        receivers: ['otlp'],
        processors: [],
        exporters: ['otlphttp/langfuse'],
      },
    ])
  })

  test('has the defaults of the service', () => {
    expect(config.service).toMatchObject({
      extensions: ['ledger'],
      queue: { directory: './data/queue', ack: 'written', max_size_mib: 512, segment_size_mib: 8, fsync_interval: 5 },
      telemetry: {
        metrics: { level: 'normal', endpoint: '127.0.0.1:8888' },
        logs: { level: 'info', encoding: 'console' },
      },
      data_directory: './data',
    })
    expect(warningsOf(GOOD)).toEqual([])
  })

  test('takes other settings of the service', () => {
    const sets = ['service.queue.ack=fsync', 'service.queue.fsync_interval=0', 'service.telemetry.metrics.level=none']
    expect(configOf(GOOD, { sets }).service).toMatchObject({
      queue: { ack: 'fsync', fsync_interval: 0 },
      telemetry: { metrics: { level: 'none' } },
    })
  })
})

describe('component ids', () => {
  const TAIL = 'exporters: { debug: }\nservice: { pipelines: { traces: { receivers: [ID], exporters: [debug] } } }\n'
  const file = (id: string) =>
    `receivers:\n  ${JSON.stringify(id)}: { protocols: { grpc: } }\n${TAIL.replace('ID', JSON.stringify(id))}`
  const good = (id: string, want: string) =>
    test(`good: ${id}`, () => expect([...configOf(file(id)).receivers.keys()]).toEqual([want]))
  const bad = (id: string, want: string) =>
    test(`bad: ${id.slice(0, 40)}`, () => expect(problemsOf(file(id))[0]).toMatch(`config.yaml:2:3 receivers${want}`))

  good('otlp', 'otlp')
  good('otlp/a', 'otlp/a')
  good('otlp/a/b', 'otlp/a/b')
  good('otlp/ä-1.2:3', 'otlp/ä-1.2:3')
  good(' otlp / a ', 'otlp/a')
  good(`otlp/${'x'.repeat(1000)}`, `otlp/${'x'.repeat(1000)}`)

  bad('/a', './a: expected "type" or "type/name", but the type is empty [bad_component_id]')
  bad('otlp/', '.otlp/: the name behind the "/" is empty; remove the "/" or add a name [bad_component_id]')
  bad(
    '1otlp',
    '.1otlp: the type must begin with a letter and have only letters, digits and _, at most 63 [bad_component_id]',
  )
  bad('otlp-http', '.otlp-http: the type must begin with a letter')
  bad('x'.repeat(64), `.${'x'.repeat(64)}: the type must begin with a letter`)
  bad(
    'otlp/a b',
    '["otlp/a b"]: the name behind the "/" must not have white space, control characters or symbols [bad_component_id]',
  )
  bad('otlp/a$', '.otlp/a$: the name behind the "/" must not have white space')
  bad('otlp/a+b', '.otlp/a+b: the name behind the "/" must not have white space')
  bad('otpl', '.otpl: there is no receiver of type "otpl"; did you mean "otlp"? [unknown_component]')
  bad('kafka', '.kafka: there is no receiver of type "kafka"; there are: otlp [unknown_component]')
  bad(
    'debug',
    '.debug: there is no receiver of type "debug"; it is of kind exporter, so move it to "exporters" [unknown_component]',
  )

  test('may have names of 1024 characters', () => {
    const named = (length: number) => `? otlp/${'x'.repeat(length)}\n  : { protocols: { grpc: } }`
    const text = (length: number) =>
      `receivers:\n  ${named(length)}\n${TAIL.replace('ID', `otlp/${'x'.repeat(length)}`)}`
    expect(problemsOf(text(1024))).toEqual([])
    expect(problemsOf(text(1025))).toEqual([
      expect.stringContaining('the name behind the "/" has over 1024 characters'),
    ])
  })

  test('that differ only in white space are the same', () => {
    expect(problemsOf(GOOD.replace('  otlp/second:', '  " otlp ":').replace(', otlp/second', ''))).toEqual([
      'config.yaml:4:3 receivers[" otlp "]: "otlp" is configured twice; rename one of them [duplicate_component]',
    ])
  })
})

describe('references', () => {
  const check = (name: string, change: readonly [string, string], ...want: string[]) =>
    test(name, () => {
      expect(GOOD).toContain(change[0])
      expect(problemsOf(GOOD.replace(change[0], change[1]))).toEqual(want)
    })

  check(
    'to a receiver that is not configured',
    ['[otlp, otlp/second]', '[otlp, otlp/secnd]'],
    'config.yaml:18:25 service.pipelines.traces.receivers[1]: references the receiver "otlp/secnd", which is not configured; did you mean "otlp/second"? [not_configured]',
  )
  check(
    'to a processor that is not configured',
    ['[budget]', '[budget, loops]'],
    'config.yaml:19:28 service.pipelines.traces.processors[1]: references the processor "loops", which is not configured; add it under "processors" [not_configured]',
  )
  check(
    'to an exporter under another of its names',
    ['[otlphttp/langfuse, debug]', '[otlp_http/langfuse, debug]'],
    'config.yaml:20:19 service.pipelines.traces.exporters[0]: references the exporter "otlp_http/langfuse", which is not configured; did you mean "otlphttp/langfuse"? [not_configured]',
  )
  check(
    'to an extension that is not configured',
    ['[ledger]', '[ledger, health_check]'],
    'config.yaml:15:24 service.extensions[1]: references the extension "health_check", which is not configured; add it under "extensions" [not_configured]',
  )
  check(
    'twice to the same',
    ['[otlp, otlp/second]', '[otlp, otlp/second, otlp]'],
    'config.yaml:18:38 service.pipelines.traces.receivers[2]: "otlp" is named twice here [duplicate_reference]',
  )
  check(
    'to an exporter for other signals',
    ['      exporters: [otlphttp/langfuse]\n', '      exporters: [debug]\n'],
    'config.yaml:23:19 service.pipelines.metrics/other.exporters[0]: the exporter "debug" handles traces, not metrics; remove it from this pipeline [wrong_signal]',
  )
  check(
    'to a processor for other signals',
    ['      exporters: [otlphttp/langfuse]\n', '      processors: [budget]\n      exporters: [otlphttp/langfuse]\n'],
    'config.yaml:23:20 service.pipelines.metrics/other.processors[0]: the processor "budget" handles traces and logs, not metrics; remove it from this pipeline [wrong_signal]',
  )
  check(
    'to a component with a mistake in it are not mistakes',
    ['  budget:\n', '  budget: { slots: x }\n'],
    'config.yaml:7:20 processors.budget.slots: expected an integer, got "x"; write digits only, without quotes [wrong_type]',
  )
  check(
    'into a section that cannot be read are not mistakes',
    ['processors:\n  budget:\n', 'processors: [budget]\n'],
    'config.yaml:6:1 processors: expected a map of components, got a list; write "type:" or "type/name:" below it [wrong_type]',
  )
})

describe('pipelines', () => {
  const check = (name: string, change: readonly [string, string], ...want: string[]) =>
    test(name, () => {
      expect(GOOD).toContain(change[0])
      expect(problemsOf(GOOD.replace(change[0], change[1]))).toEqual(want)
    })

  check(
    'of an unknown signal',
    ['    metrics/other:', '    metric/other:'],
    'config.yaml:21:5 service.pipelines.metric/other: "metric" is no signal; did you mean "metrics"? [bad_pipeline_id]',
  )
  check(
    'of a signal that is not carried',
    ['    metrics/other:', '    profiles:'],
    'config.yaml:21:5 service.pipelines.profiles: "profiles" is no signal; a pipeline is one of: traces, logs, metrics [bad_pipeline_id]',
  )
  check(
    'with a bad name',
    ['    metrics/other:', '    metrics/:'],
    'config.yaml:21:5 service.pipelines.metrics/: the name behind the "/" is empty; remove the "/" or add a name [bad_pipeline_id]',
  )
  check(
    'without receivers',
    ['      receivers: [otlp]\n', ''],
    'config.yaml:21:5 service.pipelines.metrics/other: the pipeline has no receivers; add for example "receivers: [otlp]" [no_receiver]',
  )
  check(
    'without exporters',
    ['      exporters: [otlphttp/langfuse]\n', ''],
    'config.yaml:21:5 service.pipelines.metrics/other: the pipeline has no exporters; add for example "exporters: [otlphttp/langfuse]" [no_exporter]',
  )
  check(
    'with nothing',
    ['      receivers: [otlp]\n      exporters: [otlphttp/langfuse]\n', ''],
    'config.yaml:21:5 service.pipelines.metrics/other: the pipeline has no receivers; add for example "receivers: [otlp]" [no_receiver]',
    'config.yaml:21:5 service.pipelines.metrics/other: the pipeline has no exporters; add for example "exporters: [otlphttp/langfuse]" [no_exporter]',
  )
  check(
    'with an unknown key',
    ['      processors: [budget]\n', '      processor: [budget]\n'],
    'config.yaml:19:7 service.pipelines.traces.processor: unknown key; did you mean "processors"? [unknown_key]',
  )
  check(
    'with one id instead of a list',
    ['      processors: [budget]\n', '      processors: budget\n'],
    'config.yaml:19:19 service.pipelines.traces.processors: expected a list, got "budget"; write [a, b] or "- a" [wrong_type]',
  )

  test('a mistake in one hides none in another', () => {
    const text = GOOD.replace('processors: [budget]', 'processors: budget').replace(
      'receivers: [otlp]',
      'receivers: [nope]',
    )
    expect(problemsOf(text)).toEqual([
      'config.yaml:19:19 service.pipelines.traces.processors: expected a list, got "budget"; write [a, b] or "- a" [wrong_type]',
      'config.yaml:22:19 service.pipelines.metrics/other.receivers[0]: references the receiver "nope", which is not configured; add it under "receivers" [not_configured]',
    ])
  })
})

describe('the file as a whole', () => {
  const check = (text: string, ...want: string[]) =>
    test(JSON.stringify(text.slice(0, 70)), () => expect(problemsOf(text)).toEqual(want))

  check(
    'receivers:',
    'config.yaml:1:1 receivers: no receiver is configured; add at least one under "receivers" [no_receiver]',
    'config.yaml:1:1 exporters: no exporter is configured; add at least one under "exporters" [no_exporter]',
    'config.yaml:1:1 service.pipelines: no pipeline, so nothing would flow; add "traces:" with receivers and exporters [no_pipeline]',
  )
  check(
    'receivers: { otlp: { protocols: { grpc: } } }\nexporters: { debug: }\nservice:\n  pipelines:\n',
    'config.yaml:3:1 service.pipelines: no pipeline, so nothing would flow; add "traces:" with receivers and exporters [no_pipeline]',
  )
  check(`${GOOD}recievers: {}\n`, 'config.yaml:24:1 recievers: unknown key; did you mean "receivers"? [unknown_key]')
  check(
    `${GOOD}x: {}\n`,
    'config.yaml:24:1 x: unknown key; known keys: receivers, processors, exporters, extensions, service [unknown_key]',
  )
  check(
    `${GOOD}connectors: { forward: }\n`,
    'config.yaml:24:1 connectors: connectors are not supported; name the receiver in several pipelines, or use processors and exporters [connectors_unsupported]',
  )
  check(`${GOOD}connectors:\n`)
  check(`${GOOD}connectors: {}\n`)
  check(
    `${GOOD}  telemetry:\n    metrics:\n      adress: x\n`,
    'config.yaml:26:7 service.telemetry.metrics.adress: unknown key; known keys: level, endpoint, without_type_suffix [unknown_key]',
  )
  check(
    `${GOOD}  queue:\n    max_size_mib: 4\n`,
    'config.yaml:24:3 service.queue.segment_size_mib: must not be over max_size_mib, 4; lower it or raise the other [bad_value]',
  )
  check(
    `${GOOD}  queue:\n    segment_size_mib: 600\n`,
    'config.yaml:25:23 service.queue.segment_size_mib: must not be over max_size_mib, 512; lower it or raise the other [bad_value]',
  )
})

test('what nothing uses is warned about, but not while there are mistakes', () => {
  const text = `${GOOD.replace('[otlp, otlp/second]', '[otlp]').replace('[budget]', '[]').replace('  extensions: [ledger]\n', '')}`
  expect(warningsOf(text)).toEqual([
    'config.yaml:4:3 receivers.otlp/second: configured, but no pipeline names it, so it is not started [unused_component]',
    'config.yaml:7:3 processors.budget: configured, but no pipeline names it, so it is not started [unused_component]',
    'config.yaml:13:3 extensions.ledger: configured, but service.extensions does not name it, so it is not started [unused_component]',
  ])
  expect(warningsOf(`${text}x: 1\n`)).toEqual([])
})

test('problems carry their code, place and path apart from the text', () => {
  const loaded = load(`${GOOD}x: 1\n`)
  expect(loaded).toMatchObject({
    ok: false,
    problems: [{ code: 'unknown_key', place: { source: 'config.yaml', line: 24, column: 1 }, path: 'x' }],
  })
})
