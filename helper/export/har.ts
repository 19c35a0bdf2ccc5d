/** HAR 1.2, as a stream: the header, the entries with `,` between them, the footer. */
import { isUtf8 } from "node:buffer";
import type { Body, Exchange, Header, Request, Response } from "../../protocol/exchange.ts";

/** The bytes of both bodies from their start, zero where missing; what is missing at the end may be absent. */
export interface Bodies {
  request: Uint8Array;
  response: Uint8Array;
}

const creator = { name: "Tinytap", version: "0.1.0" };

export function harHeader(): string {
  return `{"log":{"version":"1.2","creator":${JSON.stringify(creator)},"entries":[\n`;
}

export function harFooter(): string {
  return "\n]}}\n";
}

export function harEntry(exchange: Exchange, bodies: Bodies): string {
  const { request, response, pid, role, state } = exchange;
  const time = exchange.duration ?? 0;
  const { ranges, missing } = response?.body ?? { ranges: [], missing: [] };
  return JSON.stringify({
    startedDateTime: new Date(exchange.start).toISOString(),
    time,
    request: harRequest(exchange, request, bodies.request),
    response: harResponse(response, bodies.response),
    cache: {},
    timings: {
      blocked: -1,
      dns: -1,
      connect: -1,
      ssl: -1,
      // The format allows no -1 here.
      send: 0,
      wait: time,
      receive: 0,
      comment: "Sending and receiving are not told from waiting",
    },
    connection: `${exchange.local} ${exchange.remote}`,
    // The response's ranges stand here and beside its text.
    _tinytap: { pid, process: exchange.process, role, state, ranges, missing },
  });
}

function harRequest(exchange: Exchange, request: Request | undefined, bytes: Uint8Array): object {
  const url = request === undefined ? "" : absoluteUrl(exchange, request);
  const fields = {
    method: request?.method ?? "",
    url,
    httpVersion: request?.version ?? "",
    cookies: [],
    headers: nameValues(request?.headers ?? []),
    queryString: queryString(url),
    headersSize: -1,
    bodySize: request?.body.size ?? -1,
  };
  if (request === undefined || request.body.size === 0) return fields;
  const mimeType = valueOf(request.headers, "content-type") ?? "application/octet-stream";
  return {
    ...fields,
    postData: { mimeType, params: [], ...text(request.body, bytes), _tinytap: loss(request.body) },
  };
}

function harResponse(response: Response | undefined, bytes: Uint8Array): object {
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
  const { headers, body } = response;
  return {
    status: response.status,
    statusText: response.statusText,
    httpVersion: response.version,
    cookies: [],
    headers: nameValues(headers),
    content: {
      size: body.size,
      mimeType: valueOf(headers, "content-type") ?? "application/octet-stream",
      ...text(body, bytes),
      _tinytap: loss(body),
    },
    redirectURL: valueOf(headers, "location") ?? "",
    headersSize: -1,
    bodySize: body.size,
  };
}

/** The bytes as they were on the wire: a Content-Encoding stays. Nothing at all where every byte is missing. */
function text(body: Body, bytes: Uint8Array): { text?: string; encoding?: "base64" } {
  if (body.size > 0 && body.ranges.length === 0) return {};
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  return isUtf8(buffer)
    ? { text: buffer.toString("utf8") }
    : { text: buffer.toString("base64"), encoding: "base64" };
}

function loss({ ranges, missing }: Body): Pick<Body, "ranges" | "missing"> {
  return { ranges, missing };
}

function absoluteUrl(exchange: Exchange, request: Request): string {
  if (/^https?:\/\//i.test(request.target)) return request.target;
  if (request.method === "CONNECT") return `http://${request.target}/`;
  const host =
    valueOf(request.headers, "host") ?? (exchange.role === "server" ? exchange.local : exchange.remote);
  return `http://${host}${request.target.startsWith("/") ? "" : "/"}${request.target}`;
}

function queryString(url: string): { name: string; value: string }[] {
  const start = url.indexOf("?");
  if (start < 0) return [];
  const query = url.slice(start + 1).split("#", 1)[0] ?? "";
  return query
    .split("&")
    .filter((pair) => pair !== "")
    .map((pair) => {
      const equals = pair.indexOf("=");
      const name = equals < 0 ? pair : pair.slice(0, equals);
      return { name: decoded(name), value: equals < 0 ? "" : decoded(pair.slice(equals + 1)) };
    });
}

function decoded(text: string): string {
  const spaced = text.replaceAll("+", " ");
  try {
    return decodeURIComponent(spaced);
  } catch {
    return spaced;
  }
}

function nameValues(headers: Header[]): { name: string; value: string }[] {
  return headers.map(([name, value]) => ({ name, value }));
}

function valueOf(headers: Header[], wanted: string): string | undefined {
  return headers.find(([name]) => name.toLowerCase() === wanted)?.[1];
}
