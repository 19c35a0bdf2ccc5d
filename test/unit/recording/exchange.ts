/** An exchange with all its fields, and its parts. */
import type { Body, Exchange } from "../../../protocol/exchange.ts";

export const bodyOf = (size: number, fields: Partial<Body> = {}): Body => ({
  size,
  end: "complete",
  ranges: size > 0 ? [{ start: 0, end: size, source: "write" }] : [],
  missing: [],
  ...fields,
});

export const exchange: Exchange = {
  id: 3,
  pid: 42,
  process: "server",
  role: "server",
  local: "127.0.0.1:8080",
  remote: "127.0.0.1:50000",
  state: "complete",
  start: new Date(2026, 0, 2, 3, 4, 5, 67).getTime() + 0.25,
  duration: 12.5,
  requestEnd: 0.5,
  responseStart: 10,
  request: {
    method: "POST",
    target: "/a?b=c%20d&e&f=1+2&b=%ff",
    version: "HTTP/1.1",
    headers: [
      ["Host", "example.test:8080"],
      ["content-type", "text/plain"],
    ],
    body: bodyOf(3),
  },
  response: {
    status: 200,
    statusText: "OK",
    version: "HTTP/1.1",
    headers: [
      ["Content-Type", "application/octet-stream"],
      ["X", "1"],
      ["X", "2"],
    ],
    body: bodyOf(4, { sha256: "ab" }),
  },
};

/** The same without an answer. */
export const unanswered: Exchange = { ...exchange, state: "lost" };
delete unanswered.response;
