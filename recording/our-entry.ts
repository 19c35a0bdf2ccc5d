/** An entry that Tinytap wrote: it tells all that was known of the exchange. */
import type {
  Arrival,
  Body,
  Exchange,
  Header,
  Interim,
  Missing,
  MissingReason,
  Range,
  Side,
  Source,
  State,
} from "../protocol/exchange.ts";
import { missingText } from "../protocol/reasons.ts";
import { factsVersion } from "./facts.ts";
import { creatorName } from "./har.ts";
import { at, itemsAt, numberAt, stringAt, type Json } from "./json.ts";
import { unrecorded, type RecordedExchange } from "./recorded-exchange.ts";
import { headerOf, isOffset, placeOf, requestOf, responseOf, schemeOf, startOf } from "./standard-fields.ts";

/** Whether the file is one that we write, in a form that we know. `about`: see HarIndex. */
export function isOurs(about: Json): boolean {
  const version = numberAt(about, "creator", "_tinytap", "version");
  return (
    stringAt(about, "creator", "name") === creatorName && version !== undefined && version <= factsVersion
  );
}

export function ourEntry(entry: Json, facts: Json, id: number): RecordedExchange {
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

const states: State[] = ["complete", "closed", "reset", "lost", "stopped"];

function stateOf(text: string | undefined): State {
  return states.find((state) => state === text) ?? "lost";
}
