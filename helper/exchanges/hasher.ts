/** Computes the SHA-256 of one body, as its bytes come. */
export interface Hasher {
  /** Takes the next `length` bytes, at `at` in the slabs, and holds them as long as it needs. */
  update(at: number, length: number): void;
  /** `done` gets the digest in hex, now or later. */
  finish(done: (digest: string) => void): void;
  /** Nobody wants the digest any more. */
  abandon(): void;
}
