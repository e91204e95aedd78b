/**
 * Memory for one body at a time: where it goes when it is unpacked or put together, and is read through before the next
 * one arrives. New memory for each would be new pages for each, which the kernel has to find and to clear.
 */
const ROOM_MIN = 64 * 1024
/** Larger bodies get memory of their own. */
export const ROOM_MAX = 1024 * 1024

let room = Buffer.alloc(0)

/** `bytes` bytes, at most {@link ROOM_MAX}, that the next call gives away again. */
export function sharedRoom(bytes: number): Buffer {
  if (bytes > room.length) room = Buffer.allocUnsafeSlow(Math.min(ROOM_MAX, Math.max(ROOM_MIN, bytes * 2)))
  return room.subarray(0, bytes)
}

/** Whether these bytes will be written over by the next body. */
export const isShared = (bytes: Buffer): boolean => bytes.buffer === room.buffer
