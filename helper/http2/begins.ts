/** Whether a connection of which nothing is known speaks HTTP/2. */
import { frameFlag, frameHeadBytes, frameType, hasFlag, readFrameHead } from "./frame.ts";
import { isPreface } from "./preface.ts";
import { judge } from "./seek.ts";

/**
 * Where a call begins: with the client's preface; with the server's, which is SETTINGS; with a message's frames; or with a
 * message's of which nothing shows who sends it.
 */
export type Beginning = "preface" | "settings" | "request" | "response" | "message";

/** Frames before a head's. */
const mostBefore = 8;
/** Of which each says something. */
const maxSettings = 32;
/** Of the preface: nobody else says as much, and Go reads just that first. */
const enoughPreface = "PRI * HTTP/2.0".length;

/** What a call's first bytes are, if they are HTTP/2. `isFirst`: nothing came of that direction before. */
export function beginsFrames(bytes: Buffer, isFirst: boolean): Beginning | undefined {
  if (bytes.length < frameHeadBytes) return undefined;
  if (isFirst && beginsWithSettings(bytes)) return "settings";
  if (bytes.length >= enoughPreface && isPreface(bytes) !== "no") return "preface";
  // Go reads a frame's head by a call of its own.
  if (bytes.length === frameHeadBytes)
    return bytes[3] === frameType.headers && judge(bytes, 0, () => false) !== "no" ? "message" : undefined;
  let at = 0;
  for (let before = 0; before < mostBefore && at + frameHeadBytes <= bytes.length; before++) {
    const found = judge(bytes, at, () => false);
    if (found === "no") return undefined;
    if (found !== "perhaps") return found;
    at += frameHeadBytes + readFrameHead(bytes, at).length;
  }
  return undefined;
}

function beginsWithSettings(bytes: Buffer): boolean {
  const head = readFrameHead(bytes, 0);
  const { type, stream, length } = head;
  if (type !== frameType.settings || stream !== 0 || hasFlag(head, frameFlag.ack)) return false;
  return length % 6 === 0 && length <= 6 * maxSettings;
}
