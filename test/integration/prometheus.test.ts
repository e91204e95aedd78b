import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runProgram, startProgram, testWith } from '../support/programs.ts'
import { eventually, freePorts, type RunningSidecar, startSidecar } from '../support/sidecar.ts'
import { traceRequest } from '../support/spans.ts'

/** A real Prometheus reads what we expose, and finds nothing wrong with it. */
let sidecar: RunningSidecar
beforeAll(async () => {
  sidecar = await startSidecar()
  const spans = [1, 2, 3].map((i) => ({
    id: `${i}`,
    attributes: {
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'openai',
      'gen_ai.request.model': i === 3 ? 'no "such" model\n' : 'gpt-4o',
      'gen_ai.usage.input_tokens': 1000,
      'gen_ai.usage.output_tokens': 100,
      'gen_ai.agent.name': 'a',
    },
  }))
  await fetch(`${sidecar.http}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-protobuf' },
    body: new Uint8Array(traceRequest(spans)),
  })
  await eventually(
    async () => (await (await fetch(sidecar.metrics)).text()).includes('tokenfuse_cost_usd_total{'),
    'the first cost',
  )
}, 30_000)
afterAll(async () => {
  await sidecar.stop()
  sidecar.remove()
})

testWith('prometheus').each(['metrics', 'own'] as const)('promtool finds nothing wrong with %s', async (which) => {
  const page = await (await fetch(sidecar[which])).text()
  const { stdout, stderr } = await runProgram('promtool', ['check', 'metrics'], { stdin: page })
  // The collector's own names have no _total suffix; dashboards ask for them as they are.
  const complaints = `${stdout}${stderr}`.split('\n').filter((line) => line !== '' && !line.startsWith('otelcol_'))
  expect(complaints).toEqual([])
})

testWith('prometheus')(
  'Prometheus scrapes it and answers a query with the exact cost',
  async () => {
    const directory = mkdtempSync(join(tmpdir(), 'tokenfuse-prometheus-'))
    const [port] = await freePorts(1)
    const target = (url: string): string => url.replace('http://', '').replace('/metrics', '')
    writeFileSync(
      join(directory, 'prometheus.yml'),
      `global: { scrape_interval: 500ms }\nscrape_configs:\n  - { job_name: tokenfuse, static_configs: [{ targets: ["${target(sidecar.metrics)}", "${target(sidecar.own)}"] }] }\n`,
    )
    const server = startProgram('prometheus', [
      `--config.file=${join(directory, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(directory, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--enable-feature=exemplar-storage',
      '--log.level=error',
    ])
    try {
      const query = async (expression: string): Promise<string | undefined> => {
        const answer = await fetch(`http://127.0.0.1:${port}/api/v1/query?query=${encodeURIComponent(expression)}`)
        const { data } = (await answer.json()) as { data?: { result: { value: [number, string] }[] } }
        return data?.result[0]?.value[1]
      }
      const cost = await eventually(
        () => query('sum(tokenfuse_cost_usd_total)').catch(() => undefined),
        'the first sample',
        20_000,
      )
      // Twice 1000 tokens at 2.50 and 100 at 10 USD per million.
      expect(Number(cost)).toBeCloseTo(0.007, 12)
      await eventually(async () => (await query('sum(up)')) === '2', 'both scrapes', 20_000)
    } finally {
      await server.stop()
      rmSync(directory, { recursive: true, force: true })
    }
  },
  60_000,
)
