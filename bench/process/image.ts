import { readFileSync } from 'node:fs'

/** What the image sets decides over memory and stalls, so that it is read there and not repeated here. */
const dockerfile = readFileSync(new URL('../../Dockerfile', import.meta.url), 'utf8')

/** Variables of the image that runs, e.g. `MALLOC_ARENA_MAX`. */
export const IMAGE_ENV: Readonly<Record<string, string>> = Object.fromEntries(
  (/^ENV (.*)$/m.exec(dockerfile)?.[1] ?? '').split(' ').map((set) => set.split('=', 2)),
)

/** Flags that it gives to Node. */
export const IMAGE_FLAGS: readonly string[] = entrypoint().filter((word) => word.startsWith('--'))

function entrypoint(): readonly string[] {
  return JSON.parse(/^ENTRYPOINT (\[.*\])$/m.exec(dockerfile)?.[1] ?? '[]') as string[]
}
