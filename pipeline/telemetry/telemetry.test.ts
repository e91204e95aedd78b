import { request } from 'node:http'
import { gunzipSync } from 'node:zlib'
import { manualClock } from '../runtime/manual-clock.ts'
import { labelText, renderExposition, withLabel } from './exposition.ts'
import { OTHER } from './family.ts'
import { registerProcessMetrics } from './process-metrics.ts'
import { createRegistry, registryOf } from './registry.ts'
import { negotiate, parseEndpoint, serveMetrics } from './server.ts'
import { parseExposition, sampleOf } from './testing/exposition-parser.ts'

const both = ['text', 'openmetrics'] as const

describe('exposition', () => {
  test('a counter has _total exactly once, whatever it was registered as', () => {
    const check = (name: string, format: 'text' | 'openmetrics', counterSuffix: boolean, want: string) =>
      expect(
        renderExposition([{ name, type: 'counter', help: 'h', samples: [{ suffix: '', labels: '', value: 3 }] }], {
          format,
          counterSuffix,
        }),
      ).toBe(want)
    check('a_spans', 'text', true, '# HELP a_spans_total h\n# TYPE a_spans_total counter\na_spans_total 3\n')
    check('a_spans_total', 'text', true, '# HELP a_spans_total h\n# TYPE a_spans_total counter\na_spans_total 3\n')
    check('a_spans_total', 'text', false, '# HELP a_spans h\n# TYPE a_spans counter\na_spans 3\n')
    check('a_spans', 'openmetrics', true, '# HELP a_spans h\n# TYPE a_spans counter\na_spans_total 3\n# EOF\n')
    check('a_spans_total', 'openmetrics', false, '# HELP a_spans h\n# TYPE a_spans counter\na_spans_total 3\n# EOF\n')
    check(
      'a_usd_total',
      'openmetrics',
      true,
      '# HELP a_usd h\n# TYPE a_usd counter\n# UNIT a_usd usd\na_usd_total 3\n# EOF\n',
    )
  })

  test('any text survives as a label value and as help', () => {
    for (const format of both) {
      for (const value of [
        '',
        'plain',
        'a"b',
        'back\\slash',
        'line\nbreak',
        '\\n',
        '\\"',
        '}{,="',
        'ü €😀',
        '\r\t\u0000',
        '__other__',
      ]) {
        const page = renderExposition(
          [
            {
              name: 'x',
              type: 'gauge',
              help: `say "${value}"`,
              samples: [{ suffix: '', labels: labelText(['a', 'b'], [value, 'z']), value: 1 }],
            },
          ],
          { format },
        )
        const family = parseExposition(page, format).get('x')
        expect(family?.samples[0]?.labels).toEqual({ a: value, b: 'z' })
        expect(family?.help).toBe(`say "${value}"`)
      }
    }
  })

  test('half a surrogate pair does not make the page unreadable', () => {
    expect(labelText(['a'], ['x\ud800y'])).toBe('{a="x\ufffdy"}')
  })

  test('numbers are written as the formats spell them', () => {
    const check = (value: number | string, want: string) =>
      expect(
        renderExposition([{ name: 'x', type: 'gauge', help: '', samples: [{ suffix: '', labels: '', value }] }], {
          format: 'text',
        }),
      ).toContain(`\nx ${want}\n`)
    check(Number.POSITIVE_INFINITY, '+Inf')
    check(Number.NEGATIVE_INFINITY, '-Inf')
    check(Number.NaN, 'NaN')
    check(1e21, '1e+21')
    check('12345678901234567890.000000000001', '12345678901234567890.000000000001')
  })

  test('exemplars appear in OpenMetrics only', () => {
    const exemplar = { labels: '{trace_id="ab"}', value: 0.5, timeMs: 1500 }
    const family = {
      name: 'x',
      type: 'histogram' as const,
      help: '',
      samples: [{ suffix: '_bucket' as const, labels: withLabel('', 'le', '+Inf'), value: 1, exemplar }],
    }
    expect(renderExposition([family], { format: 'openmetrics' })).toContain(
      'x_bucket{le="+Inf"} 1 # {trace_id="ab"} 0.5 1.5\n',
    )
    expect(renderExposition([family], { format: 'text' })).toContain('x_bucket{le="+Inf"} 1\n')
  })
})

describe('registry', () => {
  test('children count on their own and are resolved to the same object', () => {
    const registry = createRegistry()
    const spans = registry.counter('otelcol_receiver_accepted_spans', 'Spans.', ['receiver', 'transport'])
    spans.child('otlp', 'grpc').add(3)
    spans.child('otlp', 'http').add(1)
    registry
      .counter('otelcol_receiver_accepted_spans', 'Spans.', ['receiver', 'transport'])
      .child('otlp', 'grpc')
      .add(4)
    for (const format of both) {
      const page = parseExposition(registry.render(format), format)
      expect(sampleOf(page, 'otelcol_receiver_accepted_spans_total', { receiver: 'otlp', transport: 'grpc' })).toBe('7')
      expect(sampleOf(page, 'otelcol_receiver_accepted_spans_total', { receiver: 'otlp', transport: 'http' })).toBe('1')
    }
  })

  test('counters have their names with or without _total, as dashboards want them; OpenMetrics always has it', () => {
    const registry = createRegistry()
    registry.counter('otelcol_receiver_accepted_spans', 'Spans.').child().add(3)
    const check = (format: 'text' | 'openmetrics', suffix: boolean | undefined, want: string) =>
      expect(registry.render(format, suffix)).toContain(`\n${want} 3\n`)
    check('text', undefined, 'otelcol_receiver_accepted_spans_total')
    check('text', true, 'otelcol_receiver_accepted_spans_total')
    check('text', false, 'otelcol_receiver_accepted_spans')
    check('openmetrics', false, 'otelcol_receiver_accepted_spans_total')
  })

  test('two registrations of one name must agree', () => {
    const check = (again: (r: ReturnType<typeof createRegistry>) => unknown, ok: boolean) => {
      const registry = createRegistry()
      registry.counter('a_total', 'Help.', ['x'])
      if (ok) expect(again(registry)).toBeDefined()
      else expect(() => again(registry)).toThrow(/registered twice/)
    }
    check((r) => r.counter('a_total', 'Help.', ['x']), true)
    check((r) => r.counter('a', 'Help.', ['x']), true)
    check((r) => r.counter('a_total', 'Other help.', ['x']), false)
    check((r) => r.counter('a_total', 'Help.', ['y']), false)
    check((r) => r.counter('a_total', 'Help.'), false)
    check((r) => r.gauge('a', 'Help.', ['x']), false)
    check((r) => r.gauge('b', 'Help.', ['x']), true)
  })

  test('names that Prometheus would refuse are refused at start', () => {
    for (const name of ['', '1a', 'a-b', 'a b', 'a.b'])
      expect(() => createRegistry().gauge(name, '')).toThrow(/not a metric name/)
    for (const label of ['', '1a', 'a-b', '__name__', 'a:b'])
      expect(() => createRegistry().gauge('a', '', [label])).toThrow(/not a label name/)
    expect(() => createRegistry().gauge('a', '', ['x', 'x'])).toThrow(/named twice/)
    expect(() => createRegistry().gauge('a', '', ['x']).child()).toThrow(/1 labels, got 0/)
  })

  test('beyond the bound everything is one child, the sum stays exact, and it is counted', () => {
    const registry = createRegistry({ childrenMax: 3 })
    const family = registry.counter('a_total', '', ['run', 'x'])
    for (let i = 0; i < 10; i++) family.child(`r${i}`, 'y').add(i)
    family.child('r1', 'y').add(100)
    const page = parseExposition(registry.render('text'), 'text')
    const samples = page.get('a_total')?.samples ?? []
    expect(samples).toHaveLength(4)
    expect(samples.reduce((sum, s) => sum + s.value, 0)).toBe(145)
    expect(sampleOf(page, 'a_total', { run: OTHER, x: OTHER })).toBe('42')
    expect(sampleOf(page, 'tokenfuse_telemetry_series_overflow_total', { metric: 'a_total' })).toBe('7')
  })

  test('label values that only differ in where they are cut are different', () => {
    const family = createRegistry().gauge('a', '', ['x', 'y'])
    expect(family.child('a,b', 'c')).not.toBe(family.child('a', 'b,c'))
    expect(family.child('a', '')).not.toBe(family.child('', 'a'))
  })

  test('observed values are read at each scrape; equal label sets of two readers are added up', () => {
    const registry = createRegistry()
    let size = 1
    registry.observe('gauge', 'queue', 'Help.', ['exporter'], () => [{ labels: ['a'], value: size }])
    registry.observe('gauge', 'queue', 'Help.', ['exporter'], () => [
      { labels: ['a'], value: 10 },
      { labels: ['b'], value: 5 },
    ])
    size = 2
    const page = parseExposition(registry.render('text'), 'text')
    expect(sampleOf(page, 'queue', { exporter: 'a' })).toBe('12')
    expect(sampleOf(page, 'queue', { exporter: 'b' })).toBe('5')
  })

  test('a reader that throws costs its own values only, and is counted', () => {
    const registry = createRegistry()
    registry.observe('gauge', 'bad', 'Help.', [], () => {
      throw new Error('no')
    })
    registry.gauge('good', 'Help.').child().set(4)
    registry.render('text')
    const page = parseExposition(registry.render('text'), 'text')
    expect(sampleOf(page, 'good')).toBe('4')
    expect(Number(sampleOf(page, 'tokenfuse_telemetry_read_errors_total', { metric: 'bad' }))).toBeGreaterThanOrEqual(1)
  })

  test('another exposition can repeat a family', () => {
    const registry = createRegistry()
    registry.counter('refused_total', 'Help.', ['reason']).child('run_cap').add(2)
    expect(registryOf(registry)?.read('refused_total')?.readings).toEqual([
      expect.objectContaining({ labels: ['run_cap'], value: 2 }),
    ])
    expect(registryOf(registry)?.read('nothing')).toBeUndefined()
    expect(registryOf({ counter: registry.counter, gauge: registry.gauge, observe: registry.observe })).toBeUndefined()
  })
})

test('process metrics carry the names that collector dashboards ask for', () => {
  const registry = createRegistry()
  const clock = manualClock()
  registerProcessMetrics(registry, clock, {
    cpuUsage: () => ({ user: 1_500_000, system: 250_000 }),
    memoryUsage: () => ({ rss: 50_000_000, heapUsed: 7, heapTotal: 10, external: 5 }),
  })
  clock.advance(12_500)
  const page = parseExposition(registry.render('text'), 'text')
  expect(sampleOf(page, 'otelcol_process_uptime_total')).toBe('12.5')
  expect(sampleOf(page, 'otelcol_process_cpu_seconds_total')).toBe('1.75')
  expect(sampleOf(page, 'otelcol_process_memory_rss')).toBe('50000000')
  expect(sampleOf(page, 'otelcol_process_runtime_heap_alloc_bytes')).toBe('7')
  expect(sampleOf(page, 'otelcol_process_runtime_total_sys_memory_bytes')).toBe('15')
})

describe('server', () => {
  test('formats are negotiated', () => {
    const check = (accept: string | undefined, want: string) => expect(negotiate(accept)).toBe(want)
    check(undefined, 'text')
    check('*/*', 'text')
    check('text/html,application/xhtml+xml', 'text')
    check('application/openmetrics-text', 'openmetrics')
    check('application/openmetrics-text; version=1.0.0', 'openmetrics')
    check('application/openmetrics-text;version=0.0.1', 'text')
    check(
      'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1',
      'openmetrics',
    )
    check(
      'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,text/plain;version=0.0.4;q=0.2',
      'openmetrics',
    )
    check('text/plain;version=0.0.4;q=0.9,application/openmetrics-text;q=0.1', 'text')
    check('application/openmetrics-text;q=0', 'text')
    check('application/openmetrics-text;q=x', 'text')
  })

  test('endpoints', () => {
    const check = (endpoint: string, want: unknown) => expect(parseEndpoint(endpoint)).toEqual(want)
    check('127.0.0.1:9464', { host: '127.0.0.1', port: 9464 })
    check('localhost:0', { host: 'localhost', port: 0 })
    check('[::1]:80', { host: '::1', port: 80 })
    check(':8888', { host: undefined, port: 8888 })
    for (const bad of ['', '9464', 'host', 'host:', 'host:x', 'host:70000', '::1:80', '[::1:80', 'http://x:1'])
      expect(() => parseEndpoint(bad)).toThrow(/host:port/)
  })

  const get = (port: number, options: { path?: string; method?: string; headers?: Record<string, string> } = {}) =>
    new Promise<{ status: number; headers: NodeJS.Dict<string | string[]>; body: Buffer }>((resolve, reject) => {
      const sent = request(
        {
          port,
          agent: false,
          host: '127.0.0.1',
          path: options.path ?? '/metrics',
          method: options.method ?? 'GET',
          headers: options.headers ?? {},
        },
        (response) => {
          const chunks: Buffer[] = []
          response.on('data', (chunk: Buffer) => chunks.push(chunk))
          response.on('end', () =>
            resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) }),
          )
        },
      )
      sent.on('error', reject).end()
    })

  test('answers scrapers, and only them', async () => {
    const registry = createRegistry()
    registry.gauge('a', 'Help.').child().set(1)
    let fails = false
    const errors: unknown[] = []
    const server = await serveMetrics({
      endpoint: '127.0.0.1:0',
      path: '/metrics',
      render: (format) => {
        if (fails) throw new Error('broken')
        return registry.render(format)
      },
      onError: (error) => errors.push(error),
    })
    const { port } = server.address
    const text = await get(port)
    expect(text.status).toBe(200)
    expect(text.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8')
    expect(sampleOf(parseExposition(text.body.toString(), 'text'), 'a')).toBe('1')
    const open = await get(port, { path: '/metrics?x=1', headers: { accept: 'application/openmetrics-text' } })
    expect(open.headers['content-type']).toBe('application/openmetrics-text; version=1.0.0; charset=utf-8')
    expect(sampleOf(parseExposition(open.body.toString(), 'openmetrics'), 'a')).toBe('1')
    for (let i = 0; i < 50; i++) registry.gauge(`filler_${i}`, 'Help.').child().set(i)
    const zipped = await get(port, { headers: { 'accept-encoding': 'deflate, gzip;q=0.5' } })
    expect(zipped.headers['content-encoding']).toBe('gzip')
    expect(sampleOf(parseExposition(gunzipSync(zipped.body).toString(), 'text'), 'filler_7')).toBe('7')
    expect(
      (await get(port, { headers: { 'accept-encoding': 'gzip;q=0' } })).headers['content-encoding'],
    ).toBeUndefined()
    const head = await get(port, { method: 'HEAD' })
    expect([head.status, head.body.length]).toEqual([200, 0])
    expect((await get(port, { path: '/' })).status).toBe(404)
    expect(await get(port, { method: 'POST' })).toMatchObject({ status: 405, headers: { allow: 'GET, HEAD' } })
    fails = true
    expect((await get(port)).status).toBe(500)
    expect(errors).toHaveLength(1)
    fails = false
    expect((await get(port)).status).toBe(200)
    await server.close()
    await server.close()
    await expect(get(port)).rejects.toThrow(/ECONNREFUSED/)
  })

  test('a port in use is an error that names it', async () => {
    const options = { path: '/metrics', render: () => '' }
    const first = await serveMetrics({ ...options, endpoint: '127.0.0.1:0' })
    const endpoint = `127.0.0.1:${first.address.port}`
    await expect(serveMetrics({ ...options, endpoint })).rejects.toThrow(`cannot listen on ${endpoint}`)
    await first.close()
  })
})
