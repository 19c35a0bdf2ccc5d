/** What the main thread and the digests' thread tell each other. Numbers in rows, as there are many. */

/** To the thread: rows of `[what, body, at, length]`. */
export type Orders = Float64Array;
export const rowLength = 4;
export const order = { update: 0, finish: 1, abandon: 2 } as const;

/** From the thread: the places whose bytes were read, and the digests of the bodies that have ended, in hex. */
export interface Answers {
  read: Float64Array;
  digests: [body: number, digest: string][];
}
