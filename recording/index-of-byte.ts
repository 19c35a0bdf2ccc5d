/** Bytes that are looked at one by one: a call of `indexOf` takes longer. */
const near = 32;

/** As `bytes.indexOf`, and faster where the byte is often near: in the text of a text, every second quotation mark is escaped. */
export function indexOfByte(bytes: Buffer, byte: number, from: number): number {
  const end = Math.min(from + near, bytes.length);
  for (let at = from; at < end; at++) if (bytes[at] === byte) return at;
  return bytes.indexOf(byte, end);
}
