import { setTimeout as sleep } from 'node:timers/promises'
import { sequence } from '../payloads.ts'
import type { Load } from './http-load.ts'

/** Sends every body as soon as one of `width` senders is free. */
export async function asFastAsAnswered(load: Load, bodies: readonly Buffer[], width: number): Promise<void> {
  let next = 0
  const sender = async (): Promise<void> => {
    for (let i = next++; i < bodies.length; i = next++) await load.send(bodies[i] as Buffer)
  }
  await Promise.all(Array.from({ length: width }, sender))
}

/** So many requests, `width` at a time: as many a second as the far end can do, and never more. */
export async function untilWarm(load: Load, next: () => Buffer, count: number, width: number): Promise<void> {
  let left = count
  const sender = async (): Promise<void> => {
    while (left-- > 0) await load.send(next())
  }
  await Promise.all(Array.from({ length: width }, sender))
}

/** One request every `everyMs`, whether or not the last one was answered. Returns how many failed. */
export async function atRate(load: Load, next: () => Buffer, count: number, everyMs: number): Promise<number> {
  const began = performance.now()
  let failed = 0
  const sent: Promise<void>[] = []
  for (let i = 0; i < count; i++) {
    const wait = began + i * everyMs - performance.now()
    if (wait > 1) await sleep(wait)
    sent.push(load.send(next()).catch(() => void failed++))
  }
  await Promise.all(sent)
  return failed
}

/**
 * Independent senders: the times between requests are exponential. Counts from when a request was due, so that a stall
 * shows in every request that it held up. Sorted, in ms.
 */
export async function poisson(
  load: Load,
  next: () => Buffer,
  count: number,
  perSecond: number,
  seed: number,
): Promise<{ readonly times: readonly number[]; readonly failed: number }> {
  const random = sequence(seed)
  const times: number[] = []
  let failed = 0
  const sent: Promise<void>[] = []
  let due = performance.now()
  for (let i = 0; i < count; i++) {
    due += (-Math.log(1 - random()) * 1000) / perSecond
    const body = next()
    // Timers come a millisecond late: the rest is waited for by turning round.
    while (performance.now() < due) await (due - performance.now() > 3 ? sleep(1) : new Promise(setImmediate))
    const from = due
    const done = (): void => void times.push(performance.now() - from)
    sent.push(load.send(body).then(done, () => void failed++))
  }
  await Promise.all(sent)
  return { times: times.sort((a, b) => a - b), failed }
}

export const quantile = (sorted: readonly number[], q: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? Number.NaN
