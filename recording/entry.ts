/** An entry of a HAR as an exchange. Nothing that it says, or doesn't, is trusted: what can't be is absent or empty. */
import type {
  Arrival,
  Body,
  Exchange,
  Header,
  Interim,
  Missing,
  MissingReason,
  Range,
  Request,
  Response,
  Scheme,
  Side,
  Source,
  State,
} from "../protocol/exchange.ts";
import { missingText } from "../protocol/reasons.ts";
import type { Encoding } from "./body-source.ts";
import { factsVersion } from "./facts.ts";
import { creatorName } from "./har.ts";
import { valueOf } from "./url.ts";
import { at, isObject, itemsAt, LongString, numberAt, stringAt, type Json } from "./json.ts";

/** Where a body's bytes lie. */
export type Place =
  | { kind: "text"; text: string | LongString; encoding: Encoding }
  /** A file beside the recording, as Playwright writes them. */
  | { kind: "file"; name: string };

export interface RecordedExchange {
  exchange: Exchange;
  /** Absent where no byte was recorded. */
  request?: Place;
  response?: Place;
  /** Sizes and ranges are what we wrote; elsewhere only the bytes tell. */
  isOurs: boolean;
  /** By which other entries name it, as it names its own `otherEnd`. */
  name?: number;
}

/** Whether the file is one that we write, in a form that we know. `about`: see HarIndex. */
export function isOurs(about: Json): boolean {
  const version = numberAt(about, "creator", "_tinytap", "version");
  return (
    stringAt(about, "creator", "name") === creatorName && version !== undefined && version <= factsVersion
  );
}

/** `about`: see HarIndex. */
export function readEntry(entry: Json, id: number, about: Json): RecordedExchange {
  const facts = isOurs(about) ? at(entry, "_tinytap") : undefined;
  return isObject(facts) ? ourEntry(entry, facts, id) : anyEntry(entry, id, about);
}

function ourEntry(entry: Json, facts: Json, id: number): RecordedExchange {
  const target = stringAt(facts, "target");
  const postData = at(entry, "request", "postData");
  const content = at(entry, "response", "content");
  const asked = placeOf(postData);
  const answered = placeOf(content);
  const hasResponse = (stringAt(entry, "response", "httpVersion") ?? "") !== "";
  const exchange: Exchange = {
    id,
    pid: numberAt(facts, "pid") ?? 0,
    process: stringAt(facts, "process") ?? "",
    role: stringAt(facts, "role") === "client" ? "client" : "server",
    local: stringAt(facts, "local") ?? "",
    remote: stringAt(facts, "remote") ?? "",
    ...schemeOf(stringAt(facts, "scheme")),
    state: stateOf(stringAt(facts, "end")),
    start: numberAt(facts, "start") ?? startOf(entry),
    ...times(facts),
  };
  const interim = itemsAt(facts, "interim").map(interimOf);
  if (interim.length > 0) exchange.interim = interim;
  Object.assign(exchange, streamOf(facts));
  const name = numberAt(facts, "id");
  const otherEnd = numberAt(facts, "otherEnd");
  if (otherEnd !== undefined) exchange.otherEnd = otherEnd;
  const trailers = (side: Side) => {
    const headers = headersIn(itemsAt(at(facts, "trailers"), side));
    return headers.length > 0 ? { trailers: headers } : {};
  };
  const headCut = (side: Side) => {
    const cut = stringAt(facts, "headCut", side);
    return cut === "limit" || cut === "unfinished" ? ({ headCut: cut } as const) : {};
  };
  if (target !== undefined)
    exchange.request = {
      ...requestOf(entry, target, ourBody(postData, numberAt(entry, "request", "bodySize") ?? 0)),
      ...trailers("request"),
      ...headCut("request"),
    };
  if (hasResponse)
    exchange.response = {
      ...responseOf(entry, ourBody(content, numberAt(entry, "response", "bodySize") ?? 0)),
      ...trailers("response"),
      ...headCut("response"),
    };
  return {
    exchange,
    ...(asked && { request: asked }),
    ...(answered && { response: answered }),
    isOurs: true,
    ...(name !== undefined && { name }),
  };
}

function streamOf(facts: Json): Pick<Exchange, "pushed" | "stream" | "error" | "stalled"> {
  const stream = numberAt(facts, "stream");
  const error = stringAt(facts, "error");
  return {
    ...(at(facts, "pushed") === true && { pushed: true }),
    ...(stream !== undefined && { stream }),
    ...(error !== undefined && { error }),
    ...stalledOf(at(facts, "stalled")),
  };
}

function stalledOf(facts: Json | undefined): Pick<Exchange, "stalled"> {
  const request = numberAt(facts, "request");
  const response = numberAt(facts, "response");
  if (request === undefined && response === undefined) return {};
  return {
    stalled: { ...(request !== undefined && { request }), ...(response !== undefined && { response }) },
  };
}

function times(facts: Json): Pick<Exchange, "duration" | "requestEnd" | "responseStart"> {
  const duration = numberAt(facts, "duration");
  const requestEnd = numberAt(facts, "requestEnd");
  const responseStart = numberAt(facts, "responseStart");
  return {
    ...(duration !== undefined && { duration }),
    ...(requestEnd !== undefined && { requestEnd }),
    ...(responseStart !== undefined && { responseStart }),
  };
}

/** Of a request without one nothing was written. */
function ourBody(written: Json | undefined, claimed: number): Body {
  const size = isOffset(claimed) ? claimed : 0;
  const facts = at(written, "_tinytap");
  const ranges = itemsAt(facts, "ranges").flatMap((json): Range[] => {
    const span = spanOf(json, size);
    return span ? [{ ...span, source: (stringAt(json, "source") ?? "recorded") as Source }] : [];
  });
  const missing = itemsAt(facts, "missing").flatMap((json): Missing[] => {
    const span = spanOf(json, size);
    const reason = stringAt(json, "reason") ?? "";
    return span
      ? [{ ...span, reason: Object.hasOwn(missingText, reason) ? (reason as MissingReason) : "not-recorded" }]
      : [];
  });
  const end = facts === undefined ? "complete" : stateOf(stringAt(facts, "end"));
  if (!isCovered(size, ranges, missing)) return { ...unrecorded(size), end };
  const arrivals = itemsAt(facts, "arrivals").flatMap(arrivalOf);
  return {
    ...{ size, end, ranges, missing },
    ...(arrivals.length > 0 && { arrivals }),
    ...(at(facts, "decoded") === true && { decoded: true }),
  };
}

function arrivalOf(json: Json): Arrival[] {
  const [start, time] = Array.isArray(json) ? json : [];
  return typeof start === "number" && typeof time === "number" ? [[start, time]] : [];
}

function interimOf(json: Json): Interim {
  return {
    status: numberAt(json, "status") ?? 0,
    statusText: stringAt(json, "statusText") ?? "",
    headers: headersIn(itemsAt(json, "headers")),
    time: numberAt(json, "time") ?? 0,
  };
}

/** Pairs of a name and a value. */
function headersIn(pairs: Json[]): Header[] {
  return pairs.flatMap((json): Header[] => {
    const [name, value, unknown] = Array.isArray(json) ? json : [];
    if (typeof name !== "string" || typeof value !== "string") return [];
    return [headerOf(name, value, unknown === "unknown")];
  });
}

function headerOf(name: string, value: string, isUnknown: boolean): Header {
  return isUnknown ? [name, value, "unknown"] : [name, value];
}

function spanOf(json: Json, size: number): { start: number; end: number } | undefined {
  const start = numberAt(json, "start");
  const end = numberAt(json, "end");
  if (start === undefined || end === undefined || !isOffset(start) || !isOffset(end)) return undefined;
  return start < end && end <= size ? { start, end } : undefined;
}

/** Whether every byte is either there or missing, and each range and gap in its order. */
function isCovered(size: number, ranges: Range[], missing: Missing[]): boolean {
  const spans = [...ranges, ...missing].toSorted((a, b) => a.start - b.start);
  let covered = 0;
  for (const { start, end } of spans) {
    if (start !== covered) return false;
    covered = end;
  }
  return covered === size && isSorted(ranges) && isSorted(missing);
}

function isSorted(spans: { start: number }[]): boolean {
  return spans.every(({ start }, i) => i === 0 || start > spans[i - 1]!.start);
}

function anyEntry(entry: Json, id: number, about: Json): RecordedExchange {
  const request = at(entry, "request");
  const url = stringAt(request, "url") ?? "";
  const content = at(entry, "response", "content");
  const postData = at(request, "postData");
  const headers = headersAt(request);
  const asked = placeOf(postData);
  const answered = placeOf(content);
  const status = numberAt(entry, "response", "status") ?? 0;
  const hasResponse = status > 0;
  const state: State = hasResponse ? "complete" : "closed";
  const time = numberAt(entry, "time");
  return {
    exchange: {
      id,
      pid: 0,
      process: stringAt(about, "browser", "name") ?? stringAt(about, "creator", "name") ?? "",
      role: "client",
      local: "",
      remote: remoteOf(entry),
      ...schemeOf(/^(https?):/i.exec(url)?.[1]?.toLowerCase()),
      state,
      start: startOf(entry),
      ...(time !== undefined && time >= 0 && { duration: time, ...phases(at(entry, "timings"), time) }),
      request: requestOf(
        entry,
        targetOf(url, headers),
        foreignBody(asked, numberAt(request, "bodySize"), headers),
      ),
      ...(hasResponse && {
        response: responseOf(
          entry,
          foreignBody(answered, numberAt(content, "size"), headersAt(at(entry, "response"))),
        ),
      }),
    },
    ...(asked && { request: asked }),
    ...(answered && { response: answered }),
    isOurs: false,
  };
}

/**
 * Its text tells the body's size, whatever was claimed; of a file beside the recording only a look at it does: see Reader. A text
 * is what the program made of the bytes: no coding is left in it.
 */
function foreignBody(place: Place | undefined, claimed: number | undefined, headers: Header[]): Body {
  const size = claimed !== undefined && isOffset(claimed) ? claimed : 0;
  if (place === undefined) return unrecorded(size);
  const body = recorded(place.kind === "text" ? textSize(place) : size);
  return valueOf(headers, "content-encoding") === undefined ? body : { ...body, decoded: true };
}

function textSize({ text, encoding }: Place & { kind: "text" }): number {
  if (text instanceof LongString) return text.sizes[encoding];
  // Of base64 with line breaks `byteLength` gives too many.
  return encoding === "base64" ? Buffer.from(text, encoding).length : Buffer.byteLength(text);
}

/** A body of which every byte is there, and nothing says how it was moved. */
export function recorded(size: number): Body {
  const ranges: Range[] = size > 0 ? [{ start: 0, end: size, source: "recorded" }] : [];
  return { size, end: "complete", ranges, missing: [] };
}

export function unrecorded(size: number): Body {
  const missing: Missing[] = size > 0 ? [{ start: 0, end: size, reason: "not-recorded" }] : [];
  return { size, end: "complete", ranges: [], missing };
}

function placeOf(written: Json | undefined): Place | undefined {
  const own = at(written, "_text");
  const text = own ?? at(written, "text");
  const encoding =
    (own === undefined ? stringAt(written, "encoding") : undefined) ?? stringAt(written, "_encoding");
  const name = stringAt(written, "_file");
  // Playwright leaves an empty text beside it.
  if (name !== undefined && (text === undefined || text === "")) return { kind: "file", name };
  if (typeof text !== "string" && !(text instanceof LongString)) return undefined;
  return { kind: "text", text, encoding: encoding === "base64" ? "base64" : "utf8" };
}

function requestOf(entry: Json, target: string, body: Body): Request {
  const request = at(entry, "request");
  return {
    method: stringAt(request, "method") ?? "",
    target,
    version: stringAt(request, "httpVersion") ?? "",
    headers: headersAt(request),
    body,
  };
}

function responseOf(entry: Json, body: Body): Response {
  const response = at(entry, "response");
  return {
    status: numberAt(response, "status") ?? 0,
    statusText: stringAt(response, "statusText") ?? "",
    version: stringAt(response, "httpVersion") ?? "",
    headers: headersAt(response),
    body,
  };
}

function headersAt(message: Json | undefined): Header[] {
  return itemsAt(message, "headers").map((json) =>
    headerOf(stringAt(json, "name") ?? "", stringAt(json, "value") ?? "", at(json, "_unknown") === true),
  );
}

/** As HTTP/1 would have it, if the headers tell the host; else the URL as it is. */
function targetOf(url: string, headers: Header[]): string {
  const match = /^https?:\/\/([^/?#]*)([^#]*)/i.exec(url);
  if (match === null || !headers.some(([name]) => /^(?:host|:authority)$/i.test(name))) return url;
  const path = match[2]!;
  return path.startsWith("/") ? path : `/${path}`;
}

function schemeOf(scheme: string | undefined): { scheme?: Scheme } {
  return scheme === "http" || scheme === "https" ? { scheme } : {};
}

function remoteOf(entry: Json): string {
  const address = stringAt(entry, "serverIPAddress")?.replaceAll(/^\[|\]$/g, "") ?? "";
  if (address === "") return "";
  const [, scheme, port] =
    /^(https?):\/\/(?:[^/?#]*@)?(?:\[[^\]]*\]|[^/?#:]*)(?::(\d+))?/i.exec(
      stringAt(entry, "request", "url") ?? "",
    ) ?? [];
  const host = address.includes(":") ? `[${address}]` : address;
  return `${host}:${port ?? (scheme?.toLowerCase() === "https" ? 443 : 80)}`;
}

function startOf(entry: Json): number {
  const time = Date.parse(stringAt(entry, "startedDateTime") ?? "");
  return Number.isNaN(time) ? 0 : time;
}

/** Before the request's last byte there is what came before it was sent. */
function phases(timings: Json | undefined, time: number): Pick<Exchange, "requestEnd" | "responseStart"> {
  const phase = (name: string) => Math.max(numberAt(timings, name) ?? 0, 0);
  // `ssl` is a part of `connect`.
  const sent = phase("blocked") + phase("dns") + phase("connect") + phase("send");
  const answered = sent + phase("wait");
  return answered > 0 && answered <= time ? { requestEnd: sent, responseStart: answered } : {};
}

const states: State[] = ["complete", "closed", "reset", "lost", "stopped"];

function stateOf(text: string | undefined): State {
  return states.find((state) => state === text) ?? "lost";
}

function isOffset(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}
