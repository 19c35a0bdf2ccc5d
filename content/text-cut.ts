/**
 * How many of the bytes can be read as text by themselves, where more follow: up to the end of the last line, or, where
 * lines are long, of the last whole character. `charset`: as TextDecoder names it.
 */
export function textCut(bytes: Uint8Array, charset: string): number {
  if (charset.startsWith("utf-16")) return bytes.length - (bytes.length % 2);
  // In every other charset of the web a line feed is a byte that is part of no other character.
  const line = bytes.lastIndexOf(0x0a) + 1;
  if (line > 0 || charset !== "utf-8") return line > 0 ? line : bytes.length;
  for (let length = 1; length <= Math.min(4, bytes.length); length++) {
    const byte = bytes[bytes.length - length]!;
    // A byte that goes on with a character; the one that begins it says how many there are.
    if (byte >= 0x80 && byte < 0xc0) continue;
    const wanted = byte < 0xc0 ? 1 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
    return wanted > length ? bytes.length - length : bytes.length;
  }
  return bytes.length;
}
