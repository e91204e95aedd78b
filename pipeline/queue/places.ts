import type { Clock, Logger } from '../host.ts'
import { type Place, REMEMBERED_MAX, readPlaces, writePlaces } from './cursor-file.ts'
import { type Disk, errorText } from './disk.ts'
import type { Store } from './store.ts'

/** Where each exporter was when the log was last used, and where it is now. */
export interface Places {
  /** Where an exporter begins. Throws when a new exporter's place cannot be written. */
  of(id: string): Place
  /** All exporters have asked: those that did not are gone from the configuration and hold nothing back any more. */
  forgetStrangers(): void
  moved(id: string, place: Place): void
  /** Writes the last state. */
  close(): void
}

/** For a log in memory: everybody begins where it begins. */
export function placesInMemory(store: Store): Places {
  return {
    of: () => ({ position: store.tail, seq: store.nextSeq }),
    forgetStrangers: () => undefined,
    moved: () => undefined,
    close: () => undefined,
  }
}

interface SavedPlacesOptions {
  readonly disk: Disk
  readonly path: string
  readonly durable: boolean
  readonly intervalMs: number
  readonly clock: Clock
  readonly log: Logger
  readonly onError: (error: unknown) => void
}

export class SavedPlaces implements Places {
  private readonly options: SavedPlacesOptions
  private readonly saved: ReturnType<typeof readPlaces>
  private readonly places: Map<string, Place>
  private readonly asked = new Set<string>()
  private start: Place = { position: 0, seq: 0 }
  private end: Place = { position: 0, seq: 0 }
  private dirty = false
  private cancel: (() => void) | undefined

  constructor(options: SavedPlacesOptions) {
    this.options = options
    this.saved = readPlaces(options.disk, options.path)
    this.places = new Map(typeof this.saved === 'string' ? [] : this.saved)
  }

  /** The furthest place on record. */
  get furthest(): Place {
    let position = 0
    let seq = 0
    for (const place of this.places.values()) {
      position = Math.max(position, place.position)
      seq = Math.max(seq, place.seq)
    }
    return { position, seq }
  }

  /** What the log holds, before anybody asks. */
  within(start: Place, end: Place): void {
    this.start = start
    this.end = end
    if (typeof this.saved !== 'string' || start.position === end.position) return
    this.options.log.warn(`the places of the exporters are ${this.saved}; all of them begin with the oldest record`, {
      path: this.options.path,
    })
  }

  /**
   * A new exporter begins with what is accepted from now on. When the file is lost nobody is known to be new, so all
   * begin with the oldest record: delivered twice is better than never.
   */
  of(id: string): Place {
    this.asked.add(id)
    const known = this.places.get(id)
    if (known !== undefined)
      return known.position < this.start.position ? { ...this.start, seq: Math.max(known.seq, this.start.seq) } : known
    const place = typeof this.saved === 'string' ? this.start : this.end
    this.places.set(id, place)
    this.write()
    return place
  }

  forgetStrangers(): void {
    const strangers = [...this.places.keys()].filter((id) => !this.asked.has(id))
    for (const id of strangers) {
      const batches = this.end.seq - (this.places.get(id)?.seq ?? 0)
      if (batches > 0) {
        this.options.log.warn(
          'an exporter is gone from this pipeline; what it had not sent yet is no longer kept for it',
          { exporter: id, batches },
        )
      }
    }
    for (const id of strangers.slice(0, Math.max(0, strangers.length - REMEMBERED_MAX))) this.places.delete(id)
  }

  moved(id: string, place: Place): void {
    this.places.set(id, place)
    this.dirty = true
    this.cancel ??= this.options.clock.after(this.options.intervalMs, () => {
      this.cancel = undefined
      this.tryWrite()
    })
  }

  close(): void {
    this.cancel?.()
    this.cancel = undefined
    this.tryWrite()
  }

  private tryWrite(): void {
    if (!this.dirty) return
    try {
      this.write()
    } catch (error) {
      this.options.onError(error)
      this.options.log.error('the places of the exporters could not be written; a crash now would deliver again', {
        error: errorText(error),
      })
    }
  }

  private write(): void {
    writePlaces(this.options.disk, this.options.path, this.places, this.options.durable)
    this.dirty = false
  }
}
