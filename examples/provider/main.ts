import { startProvider } from './server.ts'

/** `node examples/provider/main.ts [port]`: a provider on your own machine that repeats what it is asked. */
const port = Number(process.argv[2] ?? 4150)
const provider = await startProvider({
  port,
  respond: ({ number, model, api }) => ({ text: `This is answer ${number} of the stand-in for ${model} (${api}).` }),
})
console.log(`stand-in provider on ${provider.url}`)
console.log(`  OPENAI_BASE_URL=${provider.url}/v1  ANTHROPIC_BASE_URL=${provider.url}`)

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    void provider.stop().then(() => console.log(`${provider.count} calls answered`))
  })
}
