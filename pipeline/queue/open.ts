import { join } from 'node:path'
import { DiskStore } from './disk-store.ts'
import { GroupSync } from './group-sync.ts'
import { HeldFile } from './held-file.ts'
import { Log, type LogOptions } from './log.ts'
import { MemoryStore } from './memory-store.ts'
import { placesInMemory, SavedPlaces } from './places.ts'
import { logMetrics } from './queue-metrics.ts'

/** Files must come and go well within the limit, or the one being written to could fill it alone. */
const SEGMENTS_MIN = 8

/**
 * Opens the log of one pipeline and recovers what an earlier run left in it. Then: `attach` every exporter, `start`.
 * Throws when the directory cannot be used or another process uses it.
 */
export function openLog(options: LogOptions): Log {
  if (options.ack === 'memory') return openInMemory(options)
  const { disk, directory } = options
  disk.makeDirectory(directory)
  const release = disk.lock(join(directory, 'lock'))
  if (release === undefined)
    throw new Error(`${directory} is in use by another process: give each sidecar a directory of its own`)
  try {
    return openOnDisk(options, release)
  } catch (error) {
    release()
    throw error
  }
}

function openOnDisk(options: LogOptions, release: () => void): Log {
  const { disk, directory, clock, log, maxBytes } = options
  const durable = options.ack === 'fsync'
  const metrics = logMetrics(options.metrics, options.pipeline)
  const errors = metrics.diskErrors('places')
  const heldErrors = metrics.diskErrors('held')
  const places = new SavedPlaces({
    disk,
    path: join(directory, 'places'),
    durable,
    intervalMs: options.placesIntervalMs,
    clock,
    log,
    onError: () => errors.add(1),
  })
  const store = new DiskStore(
    {
      disk,
      directory,
      segmentBytes: Math.min(options.segmentBytes, Math.floor(maxBytes / SEGMENTS_MIN)),
      durableFiles: durable,
      groupSync: new GroupSync(clock, options.fsyncIntervalMs),
    },
    places.furthest,
  )
  places.within(store.oldest, { position: store.tail, seq: store.nextSeq })
  const held = new HeldFile(
    {
      disk,
      directory,
      path: join(directory, 'held'),
      durable,
      log,
      onError: () => heldErrors.add(1),
      onSize: (calls) => metrics.held.set(calls),
    },
    store.wholeSeq,
  )
  return new Log(options, store, places, held, release)
}

function openInMemory(options: LogOptions): Log {
  const left = options.disk.names(options.directory).filter((name) => name.endsWith('.wal'))
  if (left.length > 0) {
    options.log.warn('an earlier run left undelivered batches on disk; with `ack: memory` they are not delivered', {
      directory: options.directory,
    })
  }
  const store = new MemoryStore()
  return new Log(options, store, placesInMemory(store), undefined, () => undefined)
}
