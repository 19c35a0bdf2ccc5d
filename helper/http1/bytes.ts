/** What is asked of bytes that may be a head's. */

/** CR and LF before a message are no part of it. */
export function skipLineEnds(bytes: Buffer, from: number): number {
  let at = from;
  while (bytes[at] === 13 || bytes[at] === 10) at++;
  return at;
}

/** Where the head that begins at `from` ends, lines ending in CRLF or LF; -1 if its end isn't here. */
export function findHeadEnd(bytes: Buffer, from: number): number {
  for (let at = bytes.indexOf(10, from); at >= 0; at = bytes.indexOf(10, at + 1)) {
    const next = bytes[at + 1];
    if (next === 10) return at + 2;
    if (next === 13 && bytes[at + 2] === 10) return at + 3;
  }
  return -1;
}
