import type { Exchange, ExchangeSummary } from "../protocol/exchange.ts";
import { valueOf } from "./url.ts";

/** What a row needs of an exchange. */
export function summaryOf({
  id,
  pid,
  process,
  role,
  remote,
  state,
  start,
  duration,
  request,
  response,
  otherEnd,
}: Exchange): ExchangeSummary {
  const host = request && (valueOf(request.headers, "host") ?? valueOf(request.headers, ":authority"));
  const contentType = response && valueOf(response.headers, "content-type");
  return {
    ...{ id, pid, process, role, remote, state, start },
    ...(duration !== undefined && { duration }),
    ...(request && { method: request.method, target: request.target }),
    ...(host !== undefined && { host }),
    ...(response && { status: response.status }),
    ...(contentType !== undefined && { contentType }),
    size: response?.body.size ?? 0,
    ...(otherEnd !== undefined && { otherEnd }),
    incomplete: [request, response].some((message) => (message?.body.missing.length ?? 0) > 0),
  };
}
