import { setFlagsFromString } from 'node:v8'

/**
 * A process that runs for months beside another one should stay small. V8 reads these two whenever it sizes a heap, so
 * they can be set from within.
 *
 * The young generation stays at the 1 MiB it begins with: left alone it grows to 128 MiB on a busy sidecar, for nothing,
 * since what is processed lives in typed arrays and buffers, and dead buffers are only freed when it is collected. The old
 * one is collected when it has grown by two thirds instead of doubled and more; a quarter took
 * no less memory.
 */
export function keepHeapSmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1')
  setFlagsFromString('--heap-growing-percent=70')
}
