/** What is fuzzed: each reads an input in its way, and throws where what it makes of it isn't as it should be. */
import * as content from "./content.ts";
import { stream } from "./stream.ts";
import { http1, http2, upgraded } from "./traffic.ts";
import * as words from "./words.ts";

export interface Target {
  /** Gives what came of it, in words: what is new of that is worth to be gone on with. */
  run(input: Uint8Array): string[] | void;
  /** Of which inputs may be made. */
  words: readonly Buffer[];
}

/** By their names, which are their corpora's too. */
export const targets: Readonly<Record<string, Target>> = {
  stream: { run: stream, words: words.streamWords },
  http1: { run: http1, words: words.http1Words },
  http2: { run: http2, words: words.http2Words },
  upgraded: { run: upgraded, words: words.http1Words },
  websocket: { run: content.websocket, words: words.websocketWords },
  grpc: { run: content.grpc, words: words.grpcWords },
  "event-stream": { run: content.eventStream, words: words.eventStreamWords },
  multipart: { run: content.multipart, words: words.multipartWords },
  json: { run: content.json, words: words.jsonWords },
  msgpack: { run: content.msgpack, words: words.msgpackWords },
  cbor: { run: content.cbor, words: words.cborWords },
  form: { run: content.form, words: words.formWords },
  graphql: { run: content.graphql, words: words.graphqlWords },
  kind: { run: content.kind, words: words.kindWords },
};
