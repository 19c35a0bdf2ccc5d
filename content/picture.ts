/** Pictures, by the bytes with which they begin. */

export interface Picture {
  /** The media type. */
  type: string;
  /** Pixels; absent where the first bytes don't tell. */
  width?: number;
  height?: number;
}

/** `bytes`: those with which the file begins; more of them may be needed to tell the size. */
export function pictureOf(bytes: Uint8Array): Picture | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const at = (offset: number, text: string) =>
    bytes.length >= offset + text.length &&
    [...text].every((character, i) => bytes[offset + i] === character.charCodeAt(0));
  const sized = (type: string, needed: number, width: () => number, height: () => number): Picture =>
    bytes.length < needed ? { type } : { type, width: width(), height: height() };
  if (at(0, "\x89PNG\r\n\x1a\n"))
    return sized(
      "image/png",
      24,
      () => view.getUint32(16),
      () => view.getUint32(20),
    );
  if (at(0, "GIF87a") || at(0, "GIF89a"))
    return sized(
      "image/gif",
      10,
      () => view.getUint16(6, true),
      () => view.getUint16(8, true),
    );
  if (at(0, "\xff\xd8\xff")) return { type: "image/jpeg", ...jpegSize(view) };
  if (at(0, "RIFF") && at(8, "WEBP")) return { type: "image/webp", ...webpSize(view, at) };
  if (at(0, "BM") && at(6, "\0\0\0\0"))
    return sized(
      "image/bmp",
      26,
      () => view.getInt32(18, true),
      () => Math.abs(view.getInt32(22, true)),
    );
  if (at(4, "ftypavif") || at(4, "ftypavis")) return { type: "image/avif" };
  if (at(0, "\0\0\x01\0") && bytes[4] !== 0 && bytes[5] === 0)
    return sized(
      "image/x-icon",
      8,
      () => bytes[6] || 256,
      () => bytes[7] || 256,
    );
  return undefined;
}

type Size = Pick<Picture, "width" | "height">;

/** Walks over the segments to the frame's head. */
function jpegSize(view: DataView): Size {
  for (let at = 2; at + 9 <= view.byteLength;) {
    const [mark, kind] = [view.getUint8(at), view.getUint8(at + 1)];
    if (mark !== 0xff) return {};
    // C4, C8 and CC are no frames.
    if (kind >= 0xc0 && kind <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(kind))
      return { width: view.getUint16(at + 7), height: view.getUint16(at + 5) };
    // A fill byte, or a mark without a length.
    at += kind === 0xff ? 1 : kind === 1 || (kind >= 0xd0 && kind <= 0xd8) ? 2 : 2 + view.getUint16(at + 2);
  }
  return {};
}

function webpSize(view: DataView, at: (offset: number, text: string) => boolean): Size {
  if (view.byteLength < 30) return {};
  if (at(12, "VP8 "))
    return { width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff };
  const three = (offset: number) => view.getUint16(offset, true) | (view.getUint8(offset + 2) << 16);
  if (at(12, "VP8X")) return { width: three(24) + 1, height: three(27) + 1 };
  if (!at(12, "VP8L")) return {};
  const bits = view.getUint32(21, true);
  return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
}
