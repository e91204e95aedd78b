import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eventually, freePorts, startSidecar, tokenfuse } from '../support/sidecar.ts'
import { traceRequest } from '../support/spans.ts'

const post = (base: string, id: string) =>
  fetch(`${base}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-protobuf' },
    body: new Uint8Array(
      traceRequest([
        {
          id,
          attributes: {
            'gen_ai.operation.name': 'chat',
            'gen_ai.provider.name': 'openai',
            'gen_ai.request.model': 'gpt-4o',
            'gen_ai.usage.input_tokens': 10,
            'gen_ai.usage.output_tokens': 1,
            'gen_ai.response.id': `id-${id}`,
          },
        },
      ]),
    ),
  })

test('the example configuration is good, and every problem of a bad one is named with its place', async () => {
  expect(await tokenfuse(['validate', '--config', 'config.example.yaml'])).toMatchObject({ code: 0, stderr: '' })
  const directory = mkdtempSync(join(tmpdir(), 'tokenfuse-test-'))
  const file = join(directory, 'bad.yaml')
  writeFileSync(
    file,
    'receivers:\n  otpl:\nprocessors:\n  memory_limiter:\n    limit_mib: lots\n    spike_limit: 3\nexporters:\n  debug:\nservice:\n  pipelines:\n    traces: { receivers: [otlp], exporters: [debug] }\n',
  )
  const { code, stderr } = await tokenfuse(['run', '--config', file])
  expect(code).toBe(2)
  expect(stderr).toMatch(/bad\.yaml:2:3 receivers\.otpl: .*did you mean "otlp"/)
  expect(stderr).toMatch(/bad\.yaml:5:16 processors\.memory_limiter\.limit_mib: .*"lots"/)
  expect(stderr).toMatch(/bad\.yaml:6:5 processors\.memory_limiter\.spike_limit: .*unknown key/)
  rmSync(directory, { recursive: true })
})

test('wrong usage exits with 2 and says what to do', async () => {
  expect(await tokenfuse(['fly'])).toMatchObject({ code: 2, stderr: expect.stringContaining('no command "fly"') })
  expect(await tokenfuse(['run'])).toMatchObject({ code: 2, stderr: expect.stringContaining('--config') })
})

test('a port in use stops the start, with its address', async () => {
  const [port] = await freePorts(1)
  const taken = createServer()
  await new Promise<void>((resolve) => taken.listen(port, '127.0.0.1', resolve))
  try {
    await expect(
      startSidecar(`receivers: { otlp: { protocols: { http: { endpoint: "127.0.0.1:${port}" } } } }`),
    ).rejects.toThrow(new RegExp(`ended with 1:[\\s\\S]*${port}`))
  } finally {
    taken.close()
  }
})

test('SIGTERM: what was accepted is delivered before the process ends with 0', async () => {
  const sidecar = await startSidecar()
  for (let i = 1; i <= 20; i++) expect((await post(sidecar.http, i.toString(16))).status).toBe(200)
  const { code } = await sidecar.stop()
  expect(code).toBe(0)
  expect(sidecar.lines('calls.jsonl')).toHaveLength(20)
  sidecar.remove()
}, 30_000)

test('kill -9: everything that was acknowledged is delivered after a restart, and no money is lost or doubled', async () => {
  const first = await startSidecar()
  for (let i = 1; i <= 50; i++) expect((await post(first.http, i.toString(16))).status).toBe(200)
  await first.stop('SIGKILL')
  const second = await startSidecar('', first.directory)
  const ids = await eventually(() => {
    const seen = new Set(second.lines('calls.jsonl').map((line) => line['span_id']))
    return seen.size === 50 ? seen : undefined
  }, 'all 50 calls')
  expect(ids.size).toBe(50)
  // Senders that were not sure send again.
  for (let i = 1; i <= 50; i++) await post(second.http, i.toString(16))
  const { budgets } = (await (await fetch(`${second.control}/v1/budgets`)).json()) as {
    budgets: { id: string; spent_usd: string }[]
  }
  // 10 tokens at 2.50 and 1 at 10 USD per million, fifty times.
  expect(budgets.find((budget) => budget.id === 'month')?.spent_usd).toBe('0.00175')
  await second.stop()
  second.remove()
}, 60_000)
