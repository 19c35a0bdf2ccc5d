import type {
  Exchange,
  ExchangeSummary,
  Header,
  HeadCut,
  Interim,
  Request,
  Response,
  Role,
  Side,
  State,
} from "../../protocol/exchange.ts";
import type { Cause } from "../stream/protocol.ts";
import type { BodyRecorder } from "./body.ts";
import { grpcStatusOf } from "./grpc-status.ts";
import type { Stretch } from "./stretch.ts";

/** How a message, or an exchange, ended. */
export type End = "complete" | Cause;

/** An exchange, and where the bytes of its bodies lie: for another thread to read. */
export interface ReadableExchange {
  exchange: Exchange;
  bodies: Partial<Record<Side, readonly Stretch[]>>;
}

export type RequestHead = Readonly<Omit<Request, "body" | "trailers" | "headCut">> & CutHead;
export type ResponseHead = Readonly<Omit<Response, "body" | "trailers" | "headCut">> & CutHead;

interface CutHead {
  readonly headCut: HeadCut | undefined;
}

/** One side of an exchange, as far as it was seen. */
export interface Message<H> {
  readonly head: H;
  body: BodyRecorder;
  /** Headers behind the body. */
  trailers?: Header[];
  trailersCut?: HeadCut;
}

/** The process that an exchange was captured of, and the ends of its connection. */
export interface Origin {
  pid: number;
  process: string;
  role: Role;
  local: string;
  remote: string;
  /** The network namespace where the addresses mean what they say; undefined where bytes are numbered by ourselves, not by TCP. */
  network: number | undefined;
}

/** An exchange in the making, and after. Times in kernel milliseconds. */
export class CapturedExchange {
  /** From 1 on; 0: it is left out. */
  readonly id: number;
  readonly origin: Origin;
  /** Absent where the response answers no request we know. */
  readonly request: Message<RequestHead> | undefined;
  readonly start: number;
  /** Of the response, or of the hope for one. */
  end = 0;
  requestEnd: number | undefined;
  /** Of `response`, where there is one. */
  responseStart = 0;
  response: Message<ResponseHead> | undefined;
  /** As in Exchange. */
  pushed = false;
  stream: number | undefined;
  error: string | undefined;
  /** As in Exchange. */
  otherEnd: number | undefined;
  /** TCP's number of its request's first byte, while its other end is sought. */
  requestNumber: number | undefined;
  stalled: Exchange["stalled"];
  state: State = "in-flight";
  /** Nothing more of this side will come. */
  requestOver = false;
  responseOver = false;
  /** Why it isn't whole, if it isn't. */
  harm: Cause | undefined;
  /** Already among the changes not yet taken. */
  dirty = false;
  /** Was among the changes taken. */
  sent = false;
  /** Readers that want its bodies kept, and what they held when the first came. */
  pins = 0;
  pinnedBytes = 0;
  /** Their times are kernel milliseconds. */
  #interim: Interim[] | undefined;
  /** Once it is told: the body that tells it may be given up. */
  #grpcStatus: number | undefined;
  /** What makes Unix time of its kernel times: the wall clock may be set, and a suspended machine's goes on. */
  readonly #offset: number;

  constructor(
    id: number,
    origin: Origin,
    request: Message<RequestHead> | undefined,
    start: number,
    offset: number,
  ) {
    this.id = id;
    this.origin = origin;
    this.request = request;
    this.start = start;
    this.#offset = offset;
  }

  /** It is followed, as its connection must be, but nothing of it is kept or told. */
  get excluded(): boolean {
    return this.id === 0;
  }

  /** Bytes of memory its bodies hold. */
  get held(): number {
    return (this.request?.body.held ?? 0) + (this.response?.body.held ?? 0);
  }

  /** A response before the final one, which came at `time`, in kernel milliseconds. */
  addInterim({ status, statusText, headers }: ResponseHead, time: number): void {
    (this.#interim ??= []).push({ status, statusText, headers, time });
  }

  toExchange(): Exchange {
    const { pid, process, role, local, remote } = this.origin;
    const exchange: Exchange = {
      id: this.id,
      ...{ pid, process, role, local, remote },
      state: this.state,
      start: this.start + this.#offset,
    };
    if (this.state !== "in-flight") exchange.duration = this.#after(this.end);
    if (this.requestEnd !== undefined) exchange.requestEnd = this.#after(this.requestEnd);
    if (this.request !== undefined) {
      const { head, body, trailers } = this.request;
      const { method, target, version, headers } = head;
      const headCut = cutOf(this.request);
      exchange.request = { method, target, version, headers, body: body.toBody(this.start) };
      if (trailers !== undefined) exchange.request.trailers = trailers;
      if (headCut !== undefined) exchange.request.headCut = headCut;
    }
    if (this.#interim !== undefined)
      exchange.interim = this.#interim.map((each) => ({ ...each, time: this.#after(each.time) }));
    if (this.response !== undefined) {
      exchange.responseStart = this.#after(this.responseStart);
      const { head, body, trailers } = this.response;
      const { status, statusText, version, headers } = head;
      const headCut = cutOf(this.response);
      exchange.response = { status, statusText, version, headers, body: body.toBody(this.start) };
      if (trailers !== undefined) exchange.response.trailers = trailers;
      if (headCut !== undefined) exchange.response.headCut = headCut;
    }
    if (this.pushed) exchange.pushed = true;
    if (this.stream !== undefined) exchange.stream = this.stream;
    if (this.error !== undefined) exchange.error = this.error;
    if (this.otherEnd !== undefined) exchange.otherEnd = this.otherEnd;
    if (this.stalled !== undefined) exchange.stalled = this.stalled;
    return exchange;
  }

  /** The slabs must be held for whoever reads it later. */
  toReadable(): ReadableExchange {
    const { request, response } = this;
    return {
      exchange: this.toExchange(),
      bodies: {
        ...(request && { request: request.body.stretches }),
        ...(response && { response: response.body.stretches }),
      },
    };
  }

  toSummary(): ExchangeSummary {
    const { pid, process, role, remote } = this.origin;
    const summary: ExchangeSummary = {
      id: this.id,
      pid,
      process,
      role,
      remote,
      state: this.state,
      start: this.start + this.#offset,
      requestSize: this.request?.body.size ?? 0,
      size: this.response?.body.size ?? 0,
      missing: (this.request?.body.missing ?? 0) + (this.response?.body.missing ?? 0),
    };
    if (this.state !== "in-flight") summary.duration = this.#after(this.end);
    if (this.request !== undefined) {
      const { method, target, headers } = this.request.head;
      summary.method = method;
      summary.target = target;
      const host = headerValue(headers, "host");
      if (host !== undefined) summary.host = host;
    }
    if (this.response !== undefined) {
      summary.responseStart = this.#after(this.responseStart);
      if (this.response.body.bySendfile) summary.bySendfile = true;
      summary.status = this.response.head.status;
      const contentType = headerValue(this.response.head.headers, "content-type");
      if (contentType !== undefined) {
        summary.contentType = contentType;
        this.#grpcStatus ??= grpcStatusOf(this.response, contentType);
      }
      if (this.#grpcStatus !== undefined) summary.grpcStatus = this.#grpcStatus;
    }
    if (this.otherEnd !== undefined) summary.otherEnd = this.otherEnd;
    const headCut = cutOf(this.request) ?? cutOf(this.response);
    if (headCut !== undefined) summary.headCut = headCut;
    return summary;
  }

  /** Milliseconds from its start; records of two CPUs may come in another order than they were made. */
  #after(time: number): number {
    return Math.max(time - this.start, 0);
  }
}

function cutOf(message: Message<CutHead> | undefined): HeadCut | undefined {
  return message?.head.headCut ?? message?.trailersCut;
}

function headerValue(headers: Header[], name: string): string | undefined {
  return headers.find((header) => header[0].length === name.length && header[0].toLowerCase() === name)?.[1];
}
