/** Node's own parser of HTTP/1 on the same bytes, in the same pieces: what it tells is counted, and not kept. */
import { createRequire } from "node:module";
import type { Recording } from "./recorder.ts";

interface NodeParser {
  initialize(type: number, resource: object): void;
  execute(bytes: Uint8Array): number | Error;
  [callback: number]: (() => void) | undefined;
}

/** Internal to Node, and the one way to its parser without the streams of its server. */
const { HTTPParser } = createRequire(import.meta.url)("node:_http_common") as {
  HTTPParser: (new () => NodeParser) &
    Record<"REQUEST" | "RESPONSE" | "kOnHeadersComplete" | "kOnBody" | "kOnMessageComplete", number>;
};

/** Gives what parses it once more, and the messages that ended. */
export function nodesPlayer({ memory, moves, connections }: Recording): () => number {
  let messages = 0;
  const parser = (type: number): NodeParser => {
    const made = new HTTPParser();
    made.initialize(type, {});
    made[HTTPParser.kOnHeadersComplete] = () => {};
    made[HTTPParser.kOnBody] = () => {};
    made[HTTPParser.kOnMessageComplete] = () => void messages++;
    return made;
  };
  return () => {
    messages = 0;
    const parsers = Array.from({ length: connections }, () => ({
      in: parser(HTTPParser.REQUEST),
      out: parser(HTTPParser.RESPONSE),
    }));
    for (const { connection, direction, at, length } of moves) {
      const taken = parsers[connection]![direction].execute(memory.subarray(at, at + length));
      if (taken !== length) throw new Error(`Node's parser took ${String(taken)} bytes of ${length}`);
    }
    return messages;
  };
}
