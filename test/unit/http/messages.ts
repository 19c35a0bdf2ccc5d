/** Messages as they are on the wire, and an outline of the exchanges that they make. */
import { run, type Script } from "./script.ts";

export const get = (target: string, more = "") => `GET ${target} HTTP/1.1\r\nHost: a\r\n${more}\r\n`;
export const ok = (body: string) => `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
export const chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

export const states = (script: Script) => run(script.events).exchanges.map(({ state }) => state);

/** State, request target, response status and body of each exchange. */
export function outline(script: Script): string[] {
  const seen = run(script.events);
  return seen.exchanges.map(
    ({ state, request, response }, i) =>
      `${state} ${request?.target} ${response?.status ?? "-"} ${seen.body(i, "response")}`,
  );
}
