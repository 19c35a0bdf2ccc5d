/** The body of gRPC-Web as text: base64 of pieces, each of which may end in padding of its own. */
import { joined } from "../bytes.ts";

export interface WebText {
  bytes: Uint8Array;
  /** The place in the text behind which byte `at` is known. */
  textEnd(at: number): number;
  /** Where the text is no base64. */
  brokenAt?: number;
}

/** As far as whole groups of four characters have come. */
export function decodeWebText(text: Uint8Array): WebText {
  const characters = new TextDecoder("latin1").decode(text);
  const pieces: Uint8Array[] = [];
  /** Of each piece: where it begins, in the text and in what it says. */
  const starts: [text: number, byte: number][] = [];
  let size = 0;
  const textEnd = (at: number) => {
    const [from = 0, byte = 0] = starts.findLast(([, byte]) => byte < at) ?? [];
    return from + Math.ceil((at - byte) / 3) * 4;
  };
  const pattern = /(?:[\w+/-]{4})*(?:[\w+/-]{2}==|[\w+/-]{3}=)?/y;
  for (let at = 0; at < characters.length;) {
    pattern.lastIndex = at;
    const [piece = ""] = pattern.exec(characters) ?? [];
    if (piece === "") {
      const isCut = /^[\w+/-]{1,3}=?$/.test(characters.slice(at));
      return { bytes: joined(pieces), textEnd, ...(!isCut && { brokenAt: at }) };
    }
    const binary = atob(piece.replaceAll("-", "+").replaceAll("_", "/"));
    pieces.push(Uint8Array.from(binary, (character) => character.charCodeAt(0)));
    starts.push([at, size]);
    size += binary.length;
    at += piece.length;
  }
  return { bytes: joined(pieces), textEnd };
}
