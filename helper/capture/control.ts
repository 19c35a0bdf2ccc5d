/**
 * The words that the drain's thread and JavaScript tell each other, in an Int32Array that both see: native/slabs.h has the
 * same. Counts and positions wrap.
 */
export const control = {
  /** End of the records published, in units of 8 bytes. */
  written: 0,
  /** What of the ring is behind the thread, likewise, on the kernel's count. */
  passed: 1,
  /** 1: JavaScript has read everything, and wants to be woken. */
  caughtUp: 2,
  /** Slabs that JavaScript has given back. */
  freed: 3,
  /** Slabs that the thread can still take. */
  free: 4,
  /** What the thread had to shed for want of slabs. */
  shedBytes: 5,
  shedRecords: 6,
  /** Two lists follow, an entry per slab: the slabs given back, and those filled, in their order. */
  lists: 8,
} as const;

/** Words for so many slabs. */
export function controlLength(slabs: number): number {
  return control.lists + 2 * slabs;
}
