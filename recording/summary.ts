import type { Body, Exchange, ExchangeSummary } from "../protocol/exchange.ts";
import { grpcCodeOf } from "../protocol/grpc.ts";
import { missingBytes } from "../protocol/reasons.ts";
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
  responseStart,
  request,
  response,
  otherEnd,
}: Exchange): ExchangeSummary {
  const host = request && (valueOf(request.headers, "host") ?? valueOf(request.headers, ":authority"));
  // Of gRPC-Web only where the head tells it: no body is read for a row.
  const grpcStatus = response && grpcCodeOf(response);
  const headCut = request?.headCut ?? response?.headCut;
  const contentType = response && valueOf(response.headers, "content-type");
  return {
    ...{ id, pid, process, role, remote, state, start },
    ...(responseStart !== undefined && { responseStart }),
    ...(duration !== undefined && { duration }),
    ...(request && { method: request.method, target: request.target }),
    ...(host !== undefined && { host }),
    ...(response && { status: response.status }),
    ...(contentType !== undefined && { contentType }),
    ...(grpcStatus !== undefined && { grpcStatus }),
    requestSize: request?.body.size ?? 0,
    size: response?.body.size ?? 0,
    ...(otherEnd !== undefined && { otherEnd }),
    missing: missingOf(request?.body) + missingOf(response?.body),
    ...(headCut && { headCut }),
    ...(response && isBySendfile(response.body) && { bySendfile: true as const }),
  };
}

function missingOf(body: Body | undefined): number {
  return missingBytes(body?.missing ?? []);
}

function isBySendfile({ ranges, missing }: Body): boolean {
  return (
    ranges.some(({ source }) => source === "sendfile" || source === "splice") ||
    missing.some(({ reason }) => reason === "no-source")
  );
}
