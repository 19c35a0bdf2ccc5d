import type { Exchange, Header, Request } from "../protocol/exchange.ts";

/** The request's absolute URL; the target's bytes stay what they are, those that no URL may have percent-encoded. */
export function absoluteUrl(exchange: Exchange, request: Request): string {
  const target = request.target.replaceAll(/[^\x21-\x7e]/g, percentEncoded);
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(target)) return target;
  const address = exchange.role === "server" ? exchange.local : exchange.remote;
  const scheme = exchange.scheme ?? (address.endsWith(":443") ? "https" : "http");
  if (request.method === "CONNECT") return `${scheme}://${target}/`;
  const host = valueOf(request.headers, "host")?.replaceAll(/[^\x21-\x7e]/g, percentEncoded);
  const slash = target.startsWith("/") ? "" : "/";
  return `${scheme}://${host || (address === "unix" ? "localhost" : address)}${slash}${target}`;
}

export function valueOf(headers: Header[], wanted: string): string | undefined {
  return headers.find(([name]) => name.toLowerCase() === wanted)?.[1];
}

/** Of what was read as Latin-1: one byte each. */
function percentEncoded(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`;
}
