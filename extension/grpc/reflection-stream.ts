/** One conversation with a server about its services: gRPC over HTTP/2 in clear. */
import type { ClientHttp2Session, ClientHttp2Stream, IncomingHttpHeaders } from "node:http2";
import {
  reflectionAnswer,
  reflectionRequest,
  type ReflectionAnswer,
  type ReflectionQuestion,
} from "../../content/grpc/reflection.ts";
import { parseGrpc } from "../../content/grpc/messages.ts";
import { codeName, statusIn } from "../../content/grpc/status.ts";
import type { Header } from "../../protocol/exchange.ts";

/** Bytes of one answer. */
const mostBytes = 16 * 1024 * 1024;

/** The server has no such method. */
export class Unimplemented extends Error {}

export class ReflectionStream {
  readonly #stream: ClientHttp2Stream;
  readonly #answers: AsyncGenerator<Uint8Array, void>;
  #ends: Header[] = [];

  constructor(session: ClientHttp2Session, method: string) {
    this.#stream = session.request({
      ":method": "POST",
      ":path": method,
      "content-type": "application/grpc",
      te: "trailers",
      "grpc-accept-encoding": "identity",
    });
    const keep = (headers: IncomingHttpHeaders) => this.#ends.push(...headerLines(headers));
    this.#stream.on("response", keep);
    this.#stream.on("trailers", keep);
    // Whoever asks hears of it; nobody does while nothing is asked.
    this.#stream.on("error", () => {});
    this.#answers = messages(this.#stream);
  }

  /** Throws where the server ends the call instead. */
  async ask(question: ReflectionQuestion): Promise<ReflectionAnswer> {
    this.#stream.write(framed(reflectionRequest(question)));
    const { value, done } = await this.#answers.next();
    if (!done) return reflectionAnswer(value);
    const status = statusIn(this.#ends);
    if (status === undefined) throw new Error(`it answers ${this.#http()}, and not by gRPC`);
    const words = `it says ${codeName(status.code)}${status.message === "" ? "" : `: ${status.message}`}`;
    throw codeName(status.code) === "UNIMPLEMENTED" ? new Unimplemented(words) : new Error(words);
  }

  end(): void {
    this.#stream.end();
  }

  #http(): string {
    return this.#ends.find(([name]) => name === ":status")?.[1] ?? "nothing";
  }
}

async function* messages(stream: ClientHttp2Stream): AsyncGenerator<Uint8Array, void> {
  let held = Buffer.alloc(0);
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    held = Buffer.concat([held, chunk]);
    const { messages, brokenAt } = parseGrpc(held, 0);
    if (brokenAt !== undefined) throw new Error("its answer is no gRPC");
    for (const message of messages) {
      if (message.length > mostBytes) throw new Error("its answer is longer than 16 MiB");
      if (!message.isWhole) break;
      yield message.bytes;
      held = held.subarray(message.end - message.start);
    }
  }
}

function framed(bytes: Uint8Array): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(bytes.length, 1);
  return Buffer.concat([head, bytes]);
}

function headerLines(headers: IncomingHttpHeaders): Header[] {
  return Object.entries(headers).map(([name, value]) => [name, String(value)]);
}
