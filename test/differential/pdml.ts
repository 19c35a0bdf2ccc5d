/** What tshark tells of HTTP, from its PDML: a field a line, each behind the protocol and the packet that it belongs to. */
import type { Exchange } from "./exchange.ts";

/** A message, or of HTTP/2 a frame. */
interface Piece {
  protocol: "http" | "http2";
  time: number;
  from: string;
  to: string;
  /** tshark's number of the connection. */
  tcp: string;
  fields: Map<string, string[]>;
}

const wanted =
  /^http\.(?:request\.(?:method|uri)|response\.code|content_length|content_encoding|chunk_size|file_data)$|^http2\.(?:streamid|type|flags|length|pad_length|headers\.(?:method|path|authority|status)|push_promise\.promised_stream)$/;

/** Connections of which tshark says that they are TLS, and the others' exchanges. */
export class Reading {
  readonly tls = new Set<string>();
  readonly #connections = new Map<string, ConnectionReading>();
  #piece: Piece | undefined;
  #packet = { time: 0, from: "", to: "", tcp: "" };

  line(line: string): void {
    const [, tag, name = "", rest = ""] = /^\s*<(proto|field) name="([^"]*)"(.*)$/.exec(line) ?? [];
    if (tag === "proto") {
      this.#end();
      if (name === "tls") this.tls.add(this.#packet.tcp);
      if (name === "http" || name === "http2")
        this.#piece = { protocol: name, ...this.#packet, fields: new Map() };
      return;
    }
    if (tag === undefined) {
      if (line.includes("</packet>")) this.#end();
      return;
    }
    const value = () => unescapeXml(/ show="([^"]*)"/.exec(rest)?.[1] ?? "");
    if (name === "frame.time_epoch") this.#packet.time = Number(value());
    else if (name === "tcp.srcport") this.#packet.from = value();
    else if (name === "tcp.dstport") this.#packet.to = value();
    else if (name === "tcp.stream") this.#packet.tcp = value();
    else if (this.#piece !== undefined && wanted.test(name)) {
      const { fields } = this.#piece;
      // Of what may be long only its length is of interest.
      const told = name === "http.file_data" ? (/ size="(\d+)"/.exec(rest)?.[1] ?? "0") : value();
      fields.set(name, [...(fields.get(name) ?? []), told]);
    }
  }

  get exchanges(): Exchange[] {
    return [...this.#connections.values()].flatMap((connection) => connection.exchanges);
  }

  #end(): void {
    const piece = this.#piece;
    this.#piece = undefined;
    if (piece === undefined) return;
    let connection = this.#connections.get(piece.tcp);
    if (connection === undefined) this.#connections.set(piece.tcp, (connection = new ConnectionReading()));
    if (piece.protocol === "http") connection.message(piece);
    else connection.frame(piece);
  }
}

/** A message of HTTP/1. */
interface Message {
  from: string;
  to: string;
  time: number;
  method?: string;
  target?: string;
  status?: number;
  /** Bytes of the body; where tshark shows none of it, those that its head announces. */
  size: number;
  announced: number | undefined;
}

class ConnectionReading {
  readonly #requests: Message[] = [];
  /** Interim ones left out. */
  readonly #responses: Message[] = [];
  /** The latest message that went from that port. */
  readonly #latest = new Map<string, Message>();
  readonly #streams = new Map<number, Exchange>();
  /** Streams of HTTP/2 with a head. */
  readonly #begun = new Set<number>();

  get exchanges(): Exchange[] {
    const count = Math.max(this.#requests.length, this.#responses.length);
    const pairs = Array.from({ length: count }, (_, i) => exchangeOf(this.#requests[i], this.#responses[i]));
    return [...pairs, ...this.#streams.values()];
  }

  message({ from, to, time, fields }: Piece): void {
    const first = (name: string) => fields.get(`http.${name}`)?.[0];
    const [method, status] = [first("request.method"), first("response.code")];
    const size = sum(fields.get("http.chunk_size") ?? fields.get("http.file_data") ?? []);
    // More of the message before.
    if (method === undefined && status === undefined) {
      const before = this.#latest.get(from);
      if (before !== undefined) before.size += size;
      return;
    }
    const isEncoded = first("content_encoding") !== undefined;
    const announced = isEncoded ? Number(first("content_length")) : undefined;
    const message: Message = { from, to, time, size, announced };
    if (method !== undefined) {
      this.#requests.push(Object.assign(message, { method, target: first("request.uri") ?? "" }));
      this.#latest.set(from, message);
    } else if (Number(status) >= 200 || status === "101") {
      this.#responses.push(Object.assign(message, { status: Number(status) }));
      this.#latest.set(from, message);
    }
  }

  frame({ from, to, time, fields }: Piece): void {
    const first = (name: string) => fields.get(name)?.[0];
    const [stream, type] = [Number(first("http2.streamid") ?? 0), first("http2.type")];
    if (stream === 0) return;
    if (type === "1") this.#begun.add(stream);
    const [method, status] = [first("http2.headers.method"), first("http2.headers.status")];
    // A CONTINUATION that continues nothing asks for nothing.
    if (method !== undefined && (type !== "9" || this.#begun.has(stream))) {
      const target = first("http2.headers.path") ?? first("http2.headers.authority") ?? "";
      const promised = first("http2.push_promise.promised_stream");
      const id = Number(promised ?? stream);
      const connection = promised === undefined ? `${from} ${to}` : `${to} ${from}`;
      const exchange: Exchange = {
        ...{ connection, stream: id, start: time, method, target },
        ...{ requestSize: 0, responseSize: 0 },
      };
      this.#streams.set(id, exchange);
      return;
    }
    const exchange = this.#streams.get(stream);
    if (exchange === undefined) return;
    if (status !== undefined && Number(status) >= 200) exchange.status ??= Number(status);
    if (type !== "0") return;
    const isPadded = (Number(first("http2.flags")) & 8) !== 0;
    const padding = isPadded ? Number(first("http2.pad_length")) + 1 : 0;
    const size = Number(first("http2.length")) - padding;
    if (exchange.connection === `${from} ${to}`) exchange.requestSize += size;
    else exchange.responseSize += size;
  }
}

/** The first response answers the first request: tshark may tell it first, as it tells a message when its body is whole. */
function exchangeOf(request: Message | undefined, response: Message | undefined): Exchange {
  const [from, to] = request === undefined ? [response?.to, response?.from] : [request.from, request.to];
  const announced = request?.method === "HEAD" || response?.status === 304 ? 0 : response?.announced;
  return {
    ...{ connection: `${from} ${to}`, start: (request ?? response)?.time ?? 0 },
    ...(request !== undefined && { method: request.method ?? "", target: request.target ?? "" }),
    ...(response?.status !== undefined && { status: response.status }),
    requestSize: sizeOf(request, request?.announced),
    responseSize: sizeOf(response, announced),
  };
}

function sizeOf(message: Message | undefined, announced: number | undefined): number {
  if (message === undefined) return 0;
  return message.size === 0 ? announced || 0 : message.size;
}

function sum(numbers: readonly string[]): number {
  return numbers.reduce((total, number) => total + Number(number), 0);
}

const entities: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

function unescapeXml(text: string): string {
  return text.replaceAll(/&(#x?[0-9a-fA-F]+|\w+);/g, (whole, name: string) => {
    if (!name.startsWith("#")) return entities[name] ?? whole;
    return String.fromCodePoint(name[1] === "x" ? parseInt(name.slice(2), 16) : Number(name.slice(1)));
  });
}
