/** HAR 1.2, as a stream: the header, the entries with `,` between them, the footer. */
import { randomUUID } from "node:crypto";
import type {
  Content,
  Entry,
  PostData,
  Request as HarRequest,
  Response as HarResponse,
  Timings,
} from "har-format";
import { factsVersion, type BodyFacts, type EntryFacts, type FileFacts } from "./facts.ts";
import type { Body, Exchange, Header, Request, Response, Side } from "../protocol/exchange.ts";
import { headCutTexts } from "../protocol/reasons.ts";
import { version } from "../protocol/version.ts";
import { parseForm, queryOf } from "../content/form.ts";
import type { BodyText } from "./body-text.ts";
import type { BodyBytes } from "./captured-bytes.ts";
import { formParameters } from "./form-parameters.ts";
import { harText, type HarText } from "./har-text.ts";
import { requestCookies, responseCookies } from "./cookies.ts";
import type { WebSocketMessages } from "./web-socket-messages.ts";
import { absoluteUrl, valueOf } from "./url.ts";

/** Absent where the side was not seen. */
export interface Bodies extends Partial<Record<Side, BodyBytes>> {
  /** Of a WebSocket. */
  messages?: WebSocketMessages;
}

/** Ours, where the format has no field for it. */
interface Tinytap<Facts> {
  _tinytap: Facts;
}

export const creatorName = "Tinytap";

/** `redacted`: the entries are; the file says so. */
export function harHeader({ redacted = false } = {}): string {
  const facts: FileFacts = { version: factsVersion, ...(redacted && { redacted }) };
  const creator = { name: creatorName, version, _tinytap: facts };
  return `{"log":{"version":"1.2","creator":${JSON.stringify(creator)},"entries":[\n`;
}

/** `finished`: every entry is there; else the file says itself that it is cut. */
export function harFooter(finished: boolean): string {
  return `\n],"_tinytap":${JSON.stringify({ end: finished ? "complete" : "cut" })}}}\n`;
}

/** The entry's JSON, in pieces. */
export function harEntry(exchange: Exchange, bodies: Bodies): Iterable<string> {
  const texts = new Texts();
  return texts.stringify(entry(exchange, bodies, texts));
}

/** Keeps the place of bodies' texts in a JSON that has to be written in pieces. */
class Texts {
  /** Nothing that was captured can be equal to it. */
  static readonly #placeholder = randomUUID();
  readonly #texts: BodyText[] = [];

  /** In the order in which they stand in the JSON. */
  add(text: BodyText): string {
    this.#texts.push(text);
    return Texts.#placeholder;
  }

  *stringify(value: object): Generator<string> {
    const [first = "", ...rest] = JSON.stringify(value).split(Texts.#placeholder);
    yield first;
    for (const [i, between] of rest.entries()) {
      yield* this.#texts[i]?.pieces() ?? [];
      yield between;
    }
  }
}

function entry(exchange: Exchange, bodies: Bodies, texts: Texts): Entry & Tinytap<EntryFacts> {
  const { role, local, remote, request, response } = exchange;
  const time = exchange.duration ?? 0;
  const cuts = headCutTexts(exchange);
  const address = /^\[?(.+?)\]?:\d+$/.exec(role === "server" ? local : remote)?.[1];
  return {
    startedDateTime: new Date(exchange.start).toISOString(),
    time,
    request: harRequest(exchange, request, bodies.request, texts),
    response: harResponse(response, bodies.response, texts),
    ...(cuts.length > 0 && { comment: sentence(cuts) }),
    cache: {},
    timings: timings(exchange, time),
    ...(address !== undefined && { serverIPAddress: address }),
    connection: `${local} ${remote}`,
    ...(bodies.messages && { _resourceType: "websocket", _webSocketMessages: bodies.messages }),
    _tinytap: entryFacts(exchange),
  };
}

/** e.g. `The request's head never came to its end.` */
function sentence(texts: readonly string[]): string {
  const text = texts.join("; ");
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

function entryFacts(exchange: Exchange): EntryFacts {
  const { id, otherEnd, pid, process, role, state, start, duration, requestEnd, responseStart } = exchange;
  const { local, remote, scheme, interim, pushed, stream, error, stalled } = exchange;
  const request = exchange.request?.trailers;
  const response = exchange.response?.trailers;
  const headCut = headCuts(exchange);
  return {
    id,
    ...(otherEnd !== undefined && { otherEnd }),
    ...{ pid, process, role, end: state, start },
    ...(duration !== undefined && { duration }),
    ...(requestEnd !== undefined && { requestEnd }),
    ...(responseStart !== undefined && { responseStart }),
    ...{ local, remote },
    ...(scheme !== undefined && { scheme }),
    ...(exchange.request && { target: exchange.request.target }),
    ...(interim && { interim }),
    ...(pushed && { pushed }),
    ...(stream !== undefined && { stream }),
    ...(error !== undefined && { error }),
    ...(stalled && { stalled }),
    ...((request ?? response) && {
      trailers: { ...(request && { request }), ...(response && { response }) },
    }),
    ...(headCut && { headCut }),
  };
}

function headCuts({ request, response }: Exchange): EntryFacts["headCut"] {
  if ((request?.headCut ?? response?.headCut) === undefined) return undefined;
  return {
    ...(request?.headCut && { request: request.headCut }),
    ...(response?.headCut && { response: response.headCut }),
  };
}

/** Together they are `time`; what isn't known counts as waiting, as the format allows no -1 there. */
function timings({ requestEnd = 0, responseStart }: Exchange, time: number): Timings {
  const first = Math.min(responseStart ?? time, time);
  // A server may answer before it has the whole request.
  const send = Math.min(requestEnd, first);
  return {
    blocked: -1,
    dns: -1,
    connect: -1,
    ssl: -1,
    send,
    wait: first - send,
    receive: time - first,
  };
}

function harRequest(
  exchange: Exchange,
  request: Request | undefined,
  read: BodyBytes | undefined,
  texts: Texts,
): HarRequest {
  if (request === undefined)
    return {
      method: "",
      url: "",
      httpVersion: "",
      cookies: [],
      headers: [],
      queryString: [],
      headersSize: -1,
      bodySize: -1,
    };
  const { method, version: httpVersion, headers, body } = request;
  const url = absoluteUrl(exchange, request);
  return {
    method,
    url,
    httpVersion,
    cookies: requestCookies(headers),
    headers: nameValues(headers),
    queryString: parseForm(queryOf(url)),
    ...((body.size > 0 || body.end !== "complete") && { postData: postData(headers, body, read, texts) }),
    headersSize: -1,
    bodySize: body.size,
  };
}

/** By the format it has either parameters or text. */
function postData(
  headers: Header[],
  body: Body,
  read: BodyBytes | undefined,
  texts: Texts,
): PostData & Tinytap<BodyFacts> & Captured {
  const mimeType = valueOf(headers, "content-type") ?? "application/octet-stream";
  const common = { mimeType, _tinytap: facts(body, read) };
  const made = harText(headers, body, read);
  if (made === undefined) return { ...common, params: [] };
  const { text, whole, comment } = made;
  const more = { ...common, ...(comment !== undefined && { comment }) };
  const params = whole && formParameters(mimeType, whole);
  // A form as it was sent can't be told from its parameters.
  if (params !== undefined) return { ...more, params, ...captured(made.captured ?? text, texts) };
  if (made.captured !== undefined)
    return { ...more, text: texts.add(text), ...captured(made.captured, texts) };
  return { ...more, text: texts.add(text), ...(text.isBase64 && { _encoding: "base64" }) };
}

/** The bytes as they were captured, where the text that the format has is made of them. */
interface Captured {
  _text?: string;
  _encoding?: "base64";
}

function captured(text: BodyText, texts: Texts): Captured {
  return { _text: texts.add(text), ...(text.isBase64 && { _encoding: "base64" }) };
}

function harResponse(response: Response | undefined, read: BodyBytes | undefined, texts: Texts): HarResponse {
  if (response === undefined)
    return {
      status: 0,
      statusText: "",
      httpVersion: "",
      cookies: [],
      headers: [],
      content: { size: 0, mimeType: "x-unknown" },
      redirectURL: "",
      headersSize: -1,
      bodySize: -1,
    };
  const { status, statusText, version: httpVersion, headers, body } = response;
  return {
    status,
    statusText,
    httpVersion,
    cookies: responseCookies(headers),
    headers: nameValues(headers),
    content: content(headers, body, read, texts),
    redirectURL: valueOf(headers, "location") ?? "",
    headersSize: -1,
    bodySize: body.size,
  };
}

function content(
  headers: Header[],
  body: Body,
  read: BodyBytes | undefined,
  texts: Texts,
): Content & Tinytap<BodyFacts> & Captured {
  const made = harText(headers, body, read);
  return {
    size: made?.size ?? body.size,
    ...compression(body, read, made),
    mimeType: valueOf(headers, "content-type") ?? "application/octet-stream",
    ...(made && { text: texts.add(made.text) }),
    ...(made?.text.isBase64 && { encoding: "base64" }),
    ...(made?.captured && captured(made.captured, texts)),
    ...(made?.comment !== undefined && { comment: made.comment }),
    _tinytap: facts(body, read),
  };
}

/** Bytes that the codings saved. */
function compression(
  body: Body,
  read: BodyBytes | undefined,
  made: HarText | undefined,
): { compression?: number } {
  const isKnown = made !== undefined && read?.content !== undefined && read.content.stop === undefined;
  return isKnown ? { compression: made.size - body.size } : {};
}

function facts({ end, decoded, arrivals }: Body, read: BodyBytes | undefined): BodyFacts {
  const { ranges = [], missing = [] } = read ?? {};
  return { end, ranges, missing, ...(arrivals && { arrivals }), ...(decoded && { decoded }) };
}

function nameValues(headers: Header[]): { name: string; value: string; _unknown?: true }[] {
  return headers.map(([name, value, unknown]) => ({ name, value, ...(unknown && { _unknown: true }) }));
}
