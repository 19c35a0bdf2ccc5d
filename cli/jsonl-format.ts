import type { Body, Exchange, Missing, State } from "../protocol/exchange.ts";

/** One line of JSON without its line feed; no body bytes. What was not seen is `null`. */
export function formatJsonl(exchange: Exchange): string {
  const { id, pid, role, local, remote, start, request, response } = exchange;
  return JSON.stringify({
    id,
    otherEnd: exchange.otherEnd ?? null,
    pid,
    role,
    local,
    remote,
    start,
    duration: exchange.duration ?? null,
    end: exchange.state,
    version: request?.version ?? response?.version ?? null,
    stream: exchange.stream ?? null,
    error: exchange.error ?? null,
    stalled: exchange.stalled ?? {},
    interim: exchange.interim ?? [],
    request:
      request === undefined
        ? null
        : {
            method: request.method,
            target: request.target,
            headers: request.headers,
            headCut: request.headCut ?? null,
            trailers: request.trailers ?? [],
            body: facts(request.body),
          },
    response:
      response === undefined
        ? null
        : {
            status: response.status,
            headers: response.headers,
            headCut: response.headCut ?? null,
            trailers: response.trailers ?? [],
            body: facts(response.body),
          },
  });
}

function facts(body: Body): { size: number; end: State; sha256?: string; missing: Missing[] } {
  const { size, end, sha256, missing } = body;
  return sha256 === undefined ? { size, end, missing } : { size, end, sha256, missing };
}
