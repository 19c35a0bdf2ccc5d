/** An entry that another program wrote, a browser or a proxy: what the standard has, and what can be told from that. */
import type { Body, Exchange, Header, State } from "../protocol/exchange.ts";
import { at, LongString, numberAt, stringAt, type Json } from "./json.ts";
import { recorded, unrecorded, type Place, type RecordedExchange } from "./recorded-exchange.ts";
import { headersAt, isOffset, placeOf, requestOf, responseOf, schemeOf, startOf } from "./standard-fields.ts";
import { valueOf } from "./url.ts";

export function foreignEntry(entry: Json, id: number, about: Json): RecordedExchange {
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

/** As HTTP/1 would have it, if the headers tell the host; else the URL as it is. */
function targetOf(url: string, headers: Header[]): string {
  const match = /^https?:\/\/([^/?#]*)([^#]*)/i.exec(url);
  if (match === null || !headers.some(([name]) => /^(?:host|:authority)$/i.test(name))) return url;
  const path = match[2]!;
  return path.startsWith("/") ? path : `/${path}`;
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

/** Before the request's last byte there is what came before it was sent. */
function phases(timings: Json | undefined, time: number): Pick<Exchange, "requestEnd" | "responseStart"> {
  const phase = (name: string) => Math.max(numberAt(timings, name) ?? 0, 0);
  // `ssl` is a part of `connect`.
  const sent = phase("blocked") + phase("dns") + phase("connect") + phase("send");
  const answered = sent + phase("wait");
  return answered > 0 && answered <= time ? { requestEnd: sent, responseStart: answered } : {};
}
