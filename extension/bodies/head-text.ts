import type { Exchange, Side } from "../../protocol/exchange.ts";

/** The line and the headers of one side, as they were sent but for the ends of lines. Throws where it wasn't seen. */
export function headText({ request, response }: Exchange, side: Side): string {
  const message = side === "request" ? request : response;
  if (message === undefined) throw new Error(`The ${side} was not seen.`);
  const line =
    "method" in message
      ? `${message.method} ${message.target} ${message.version}`
      : `${message.version} ${message.status} ${message.statusText}`.trim();
  return [line, ...message.headers.map(([name, value]) => `${name}: ${value}`), ""].join("\n");
}
