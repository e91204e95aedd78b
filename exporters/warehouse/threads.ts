import { fork } from 'node:child_process'
import { Worker } from 'node:worker_threads'
import type { JanitorOptions } from './janitor.ts'
import type { JanitorReply, WriteReply, WriteRequest, WriterTask } from './messages.ts'
import type { Row, VerdictRow } from './rows.ts'
import { workerUrl } from './worker-url.ts'

/** Where the work on the database is done. */
export interface Workers {
  writer(task: WriterTask): WriterPort
  janitor(options: JanitorOptions): JanitorPass
}

export interface WriterPort {
  /** Resolves when the rows are committed, or with why they are not. */
  write(rows: readonly Row[], verdicts: readonly VerdictRow[]): Promise<WriteReply>
  /** Finishes what was asked for, then closes the database. */
  close(): Promise<void>
}

export interface JanitorPass {
  readonly done: Promise<JanitorReply>
  /** Ends it wherever it is; the next pass goes on from there. */
  stop(): Promise<unknown>
}

/** Rows in flight need little; a thread that grows beyond this has a fault that must not take the sidecar along. */
const WRITER_HEAP_MIB = 128
/** What one row group of Parquet needs, with room to spare. */
const JANITOR_FLAGS = ['--max-old-space-size=128', '--max-semi-space-size=4']
/** node:sqlite works and is called experimental by Node 22. */
const QUIET = '--disable-warning=ExperimentalWarning'

/** The thread that writes, started with the first delivery and again after it died. */
class WriterThread implements WriterPort {
  private readonly task: WriterTask
  private worker: Worker | undefined
  private nextId = 1
  private readonly waiting = new Map<number, (reply: WriteReply) => void>()

  constructor(task: WriterTask) {
    this.task = task
  }

  write(rows: readonly Row[], verdicts: readonly VerdictRow[]): Promise<WriteReply> {
    const worker = this.worker ?? this.start()
    const request: WriteRequest = { id: this.nextId++, rows, verdicts }
    return new Promise((resolve) => {
      this.waiting.set(request.id, resolve)
      worker.postMessage(request)
    })
  }

  async close(): Promise<void> {
    const { worker } = this
    if (worker === undefined) return
    const ended = new Promise((resolve) => worker.once('exit', resolve))
    worker.postMessage('close')
    await ended
  }

  private start(): Worker {
    const worker = new Worker(workerUrl(), {
      workerData: this.task,
      name: 'warehouse-writer',
      execArgv: [QUIET],
      resourceLimits: { maxOldGenerationSizeMb: WRITER_HEAP_MIB, maxYoungGenerationSizeMb: 16 },
    })
    let reason = 'the warehouse thread ended'
    worker.on('message', (reply: WriteReply) => {
      this.waiting.get(reply.id)?.(reply)
      this.waiting.delete(reply.id)
    })
    worker.on('error', (error) => {
      reason = `the warehouse thread failed: ${error instanceof Error ? error.message : String(error)}`
    })
    worker.on('exit', () => {
      this.worker = undefined
      const failure = { kind: 'retry', reason } as const
      for (const [id, resolve] of this.waiting) resolve({ id, failure, usedBytes: 0, setAside: undefined })
      this.waiting.clear()
    })
    this.worker = worker
    return worker
  }
}

/**
 * One pass of the janitor, in a process of its own: a thread's memory stays with the sidecar after it ended, and Parquet
 * needs more of it in a minute than everything else in a day.
 */
function janitorProcess(options: JanitorOptions): JanitorPass {
  const child = fork(workerUrl(), [], {
    execArgv: [QUIET, ...JANITOR_FLAGS],
    env: {},
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const done = new Promise<JanitorReply>((resolve) => {
    child.once('message', (reply) => resolve(reply as JanitorReply))
    child.once('error', (error) => resolve({ ok: false, reason: error.message }))
    child.once('exit', (code, signal) => resolve({ ok: false, reason: `the process ended early (${signal ?? code})` }))
  })
  const ended = new Promise((resolve) => {
    child.once('exit', resolve)
    child.once('error', resolve)
  })
  child.send(options)
  return {
    done,
    stop() {
      child.kill('SIGKILL')
      return ended
    },
  }
}

export const threads: Workers = {
  writer: (task) => new WriterThread(task),
  janitor: janitorProcess,
}
