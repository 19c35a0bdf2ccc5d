import type { RequestHead, ResponseHead } from "./head.ts";

/** How a body ends: after so many bytes, by chunks, with the connection; or nobody can say. */
export type Framing = number | "chunked" | "close" | "invalid";

export function requestFraming(head: RequestHead): Framing {
  // Without a final "chunked" the end of a request can't be told (RFC 9112, 6.3).
  const { contentLength, transferCoding } = head.control;
  if (transferCoding !== undefined) return transferCoding === "chunked" ? "chunked" : "invalid";
  return lengthOr(contentLength, 0);
}

/** `method`: of the request that is answered. A tunnel's answer is the caller's to see first. */
export function responseFraming(head: ResponseHead, method: string): Framing {
  if (method === "HEAD" || head.status === 204 || head.status === 304 || head.status < 200) return 0;
  const { contentLength, transferCoding } = head.control;
  if (transferCoding !== undefined) return transferCoding === "chunked" ? "chunked" : "close";
  return lengthOr(contentLength, "close");
}

function lengthOr(contentLength: number, otherwise: Framing): Framing {
  if (Number.isNaN(contentLength)) return "invalid";
  return contentLength < 0 ? otherwise : contentLength;
}
