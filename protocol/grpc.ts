/** The codes with which a call by gRPC ends, whatever HTTP's status says. */
import type { Header, Response } from "./exchange.ts";

const codes = [
  ...["OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS"],
  ...["PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE"],
  ...["UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED"],
];

/** What the caller asked for could not be: as HTTP's 4xx. The others are the server's failures, or the way's. */
const callers = new Set([1, 3, 5, 6, 7, 9, 10, 11, 16]);

/** e.g. `NOT_FOUND`; of a code that has none its number. */
export function codeName(code: number): string {
  return codes[code] ?? `status ${code}`;
}

export function isCallersError(code: number): boolean {
  return callers.has(code);
}

/**
 * The code behind the messages, or in the head of a response that is nothing but a status. Undefined: it is no call by gRPC, or
 * has not ended; gRPC-Web may tell it in its body only.
 */
export function grpcCodeOf({
  headers,
  trailers = [],
}: Pick<Response, "headers" | "trailers">): number | undefined {
  if (!valueOf(headers, "content-type")?.toLowerCase().startsWith("application/grpc")) return undefined;
  const code = valueOf(trailers, "grpc-status") ?? valueOf(headers, "grpc-status");
  return code !== undefined && /^\d{1,9}$/.test(code) ? Number(code) : undefined;
}

function valueOf(headers: readonly Header[], name: string): string | undefined {
  return headers.find((header) => header[0].length === name.length && header[0].toLowerCase() === name)?.[1];
}
