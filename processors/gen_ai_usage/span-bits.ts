// What is known of a span.

/** Something below it had usage. */
export const WRAPS = 1
export const BILLED = 2
export const DECIDED = 4
/** Came without usage; the same span may come again with it. */
export const MISSED = 8
/** Billed, and the same call was met below it since: it stays billed, and that one is not. */
export const STANDS_FOR = 16
/** Not billed, because a span around it that was billed earlier is the same call. */
export const STOOD_FOR = 32
/** A roll-up with nothing below it so far, which may be billed when its grace is over. */
export const WAITS = 64

/** Was met in a batch that was not taken; nothing more is known of it. */
export const MET = 128

/** Why an item is not billed by itself: what was billed around it is out of reach, or is the same call. */
export const OUT_OF_REACH = 1
export const SAME_CALL = 2

/** Nobody nests deeper, unless in a circle. */
export const DEPTH_MAX = 256
