/** Exchanges that a debugger makes for itself: they are none of the program's. */
import type { ExchangeSummary } from "../../protocol/exchange.ts";

const uuidPath = /^\/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * js-debug opens Node's inspector by a WebSocket, and both ends are seen. It alone gives the host as `localhost` without
 * the port, which no client does of a port other than 80.
 */
export function isInspectorHandshake({ method, target, host, status }: ExchangeSummary): boolean {
  return (
    method === "GET" &&
    uuidPath.test(target ?? "") &&
    host === "localhost" &&
    (status === undefined || status === 101)
  );
}
