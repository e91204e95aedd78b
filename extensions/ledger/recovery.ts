import { join } from 'node:path'
import type { Clock, Logger } from '../../pipeline/host.ts'
import type { Disk } from '../../pipeline/queue/disk.ts'
import { scanFrames } from './frames.ts'

export interface Restorable {
  /** Takes in one record; throws when it cannot be understood. */
  restore(payload: Buffer): void
}

interface Place {
  readonly directory: string
  readonly disk: Disk
  readonly clock: Clock
  readonly log: Logger
}

interface Recovered {
  /** The newest generation of which there is a file; 0 when there is none. */
  readonly generation: number
  readonly torn: number
  readonly damaged: number
}

type FileKind = 'journal' | 'snapshot'
const NAME = /^(?:journal|snapshot)-(\d{8})\.(?:log|bin)$/
/** The record that ends a snapshot, as it stands in the file. */
const END = JSON.stringify({ t: 'e' })

/** Reads the newest whole snapshot and the journals from then on. Throws when files cannot be read or understood. */
export function recover(place: Place, state: Restorable): Recovered {
  const names = place.disk.names(place.directory)
  const snapshots = numbers(names, 'snapshot')
  const journals = numbers(names, 'journal')
  const { base, damaged } = recoverSnapshot(place, state, snapshots)
  const ends = journals
    .filter((generation) => generation >= base)
    .map((generation) => recoverJournal(place, state, generation))
  return {
    generation: Math.max(0, ...snapshots, ...journals),
    torn: ends.filter((end) => end === 'torn').length,
    damaged: damaged + ends.filter((end) => end === 'damaged').length,
  }
}

function recoverSnapshot(
  place: Place,
  state: Restorable,
  generations: readonly number[],
): { base: number; damaged: number } {
  let damaged = 0
  for (const generation of [...generations].reverse()) {
    const name = fileName('snapshot', generation)
    const bytes = place.disk.read(join(place.directory, name)) ?? Buffer.alloc(0)
    if (isWhole(bytes)) {
      scanFrames(bytes, understood(name, state))
      return { base: generation, damaged }
    }
    damaged++
    setAside(place, name, 'is not whole; the one before it and its journal are used instead')
  }
  return { base: 0, damaged }
}

function recoverJournal(place: Place, state: Restorable, generation: number): 'clean' | 'torn' | 'damaged' {
  const name = fileName('journal', generation)
  const bytes = place.disk.read(join(place.directory, name)) ?? Buffer.alloc(0)
  const { kind, at } = scanFrames(bytes, understood(name, state))
  if (kind === 'damaged') setAside(place, name, `is damaged at byte ${at}; spend recorded after that is missing`)
  if (kind === 'torn') {
    place.log.warn(
      `${name}: the last write was cut off after byte ${at}, as in a crash; nothing that was flushed is missing`,
    )
  }
  return kind
}

const understood =
  (name: string, state: Restorable) =>
  (payload: Buffer): void => {
    try {
      state.restore(payload)
    } catch (error) {
      throw new Error(`${name} holds a record that this version does not understand: ${String(error)}`)
    }
  }

function setAside({ disk, directory, clock, log }: Place, name: string, what: string): void {
  const kept = `${name}.damaged-${clock.now()}`
  disk.rename(join(directory, name), join(directory, kept))
  log.error(`${join(directory, name)} ${what}; kept as ${kept}`)
}

function isWhole(bytes: Buffer): boolean {
  let last: Buffer | undefined
  const { kind } = scanFrames(bytes, (payload) => {
    last = payload
  })
  return kind === 'clean' && last?.toString() === END
}

export const fileName = (kind: FileKind, generation: number): string =>
  `${kind}-${String(generation).padStart(8, '0')}.${kind === 'journal' ? 'log' : 'bin'}`

/** Removes snapshots, half-written ones too, and journals of generations before this one; throws what the disk throws. */
export function removeBefore(disk: Disk, directory: string, generation: number): void {
  for (const name of disk.names(directory)) {
    const found = generationOf(name.replace(/\.new$/, ''))
    if (found !== undefined && found < generation) disk.remove(join(directory, name))
  }
}

const generationOf = (name: string): number | undefined => {
  const match = NAME.exec(name)
  return match === null ? undefined : Number(match[1])
}

const numbers = (names: readonly string[], kind: FileKind): readonly number[] =>
  names
    .filter((name) => name.startsWith(`${kind}-`))
    .flatMap((name) => generationOf(name) ?? [])
    .sort((a, b) => a - b)
