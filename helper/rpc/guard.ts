/** Stands before the JSON-RPC reader, which has no limits of its own: checks each frame's header. */
import { Transform } from "node:stream";

/** Bytes of a frame's header, blank line included. */
const maxHeader = 1024;

/**
 * Passes JSON-RPC frames through unchanged. Fails, and so ends the stream, at a header that is no header, has no
 * Content-Length, or announces more than `maxFrame` bytes.
 */
export function frameGuard(maxFrame: number): Transform {
  let header = Buffer.alloc(0);
  let body = 0; // bytes of the frame's body still to come

  /** Takes the header's part of `chunk`; gives the rest. */
  function takeHeader(chunk: Buffer): Buffer {
    const all = Buffer.concat([header, chunk]);
    const end = all.indexOf("\r\n\r\n");
    if (end < 0 ? all.length > maxHeader : end > maxHeader)
      throw new Error(`a JSON-RPC frame's header is longer than ${maxHeader} bytes`);
    if (end < 0) {
      header = all;
      return Buffer.alloc(0);
    }
    const text = all.toString("latin1", 0, end);
    const length = /^content-length:\s*(\d{1,15})\s*$/im.exec(text)?.[1];
    if (length === undefined) throw new Error("a JSON-RPC frame has no Content-Length");
    if (Number(length) > maxFrame)
      throw new Error(`a JSON-RPC frame of ${length} bytes is above the limit of ${maxFrame}`);
    header = Buffer.alloc(0);
    body = Number(length);
    return all.subarray(end + 4);
  }

  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      try {
        for (let rest = chunk; rest.length > 0;) {
          if (body === 0) rest = takeHeader(rest);
          const taken = Math.min(body, rest.length);
          body -= taken;
          rest = rest.subarray(taken);
        }
        done(null, chunk);
      } catch (error) {
        done(error as Error);
      }
    },
  });
}
