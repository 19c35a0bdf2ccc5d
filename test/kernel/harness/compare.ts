/** Whether what was captured is what the client saw. */
import assert from "node:assert/strict";
import { idOf, type Capture, type Facts, type Line } from "./capture.ts";
import type { Client, Digest, Received } from "./client.ts";

/** The line of that exchange; there must be exactly one. */
export function lineOf(
  lines: readonly Line[],
  received: Pick<Received, "id" | "target">,
  role: Line["role"] = "server",
): Line {
  const found = lines.filter((line) => line.role === role && idOf(line) === received.id);
  assert.equal(found.length, 1, `${received.target} was captured ${found.length} times, not once`);
  return found[0] as Line;
}

/** Asserts that both bodies of each exchange are there, whole, and the client's; and each connection's order. */
export function assertExact(
  lines: readonly Line[],
  received: readonly Received[],
  role: Line["role"] = "server",
): void {
  for (const each of received) {
    const line = lineOf(lines, each, role);
    assert.equal(line.response?.status, each.status, each.target);
    assertWhole(line.request?.body, each.sent, `request ${each.target}`);
    assertWhole(line.response?.body, each.body, `response ${each.target}`);
  }
}

/** How what was captured falls short of what the client saw. */
export interface Shortfall {
  /** Exchanges that aren't there. */
  absent: number;
  /** Bodies of which bytes are missing, by reason. */
  missing: Record<string, number>;
  /** What is there and isn't the client's. */
  wrong: string[];
}

export const nothingShort: Shortfall = { absent: 0, missing: {}, wrong: [] };

export function shortfall(
  lines: readonly Line[],
  received: readonly Received[],
  role: Line["role"] = "server",
): Shortfall {
  const result: Shortfall = { absent: 0, missing: {}, wrong: [] };
  const captured = byId(lines.filter((line) => line.role === role));
  for (const each of received) {
    const [line, ...more] = captured.get(each.id) ?? [];
    if (line === undefined) result.absent++;
    if (more.length > 0) result.wrong.push(`${each.target} was captured ${more.length + 1} times`);
    if (line === undefined) continue;
    if (line.response !== null && line.response.status !== each.status)
      result.wrong.push(`${each.target}: status ${line.response.status}`);
    const bodies = [
      ["request", line.request?.body, each.sent],
      ["response", line.response?.body, each.body],
    ] as const;
    for (const [side, body, expected] of bodies) {
      const reasons = body === undefined ? ["not seen"] : body.missing.map(({ reason }) => reason);
      for (const reason of new Set(reasons)) result.missing[reason] = (result.missing[reason] ?? 0) + 1;
      if (reasons.length === 0 && (body?.size !== expected.size || body.sha256 !== expected.sha256))
        result.wrong.push(`${side} ${each.target}: ${body?.size} bytes, not the client's ${expected.size}`);
    }
  }
  return result;
}

function byId(lines: readonly Line[]): Map<string | undefined, Line[]> {
  const result = new Map<string | undefined, Line[]>();
  for (const line of lines) {
    const same = result.get(idOf(line));
    if (same === undefined) result.set(idOf(line), [line]);
    else same.push(line);
  }
  return result;
}

export function assertWhole(captured: Facts | undefined, expected: Digest, what: string): void {
  assert.deepEqual(captured, { ...expected, end: "complete", missing: [] }, what);
}

/** Asserts that the body has its size and its holes named, all for `reason`. Gives the bytes missing. */
export function assertGap(captured: Facts | undefined, size: number, reason: string, what: string): number {
  assert.equal(captured?.size, size, what);
  assert.ok(captured.missing.length > 0, `${what}: nothing is missing`);
  for (const hole of captured.missing) assert.equal(hole.reason, reason, what);
  assert.equal(captured.sha256, undefined, what);
  return captured.missing.reduce((sum, { start, end }) => sum + end - start, 0);
}

/**
 * Asserts that a body is whole, or has gaps for the reasons that two calls at once give: where the other one is blocked
 * for long, nothing tells it from bytes that went past us.
 */
export function assertRaced(captured: Facts | undefined, received: Received): void {
  if (captured?.missing.length === 0) return assertWhole(captured, received.body, "response");
  assert.equal(captured?.size, received.body.size);
  for (const { reason } of captured.missing) assert.match(reason, /^(?:concurrent|untraced)$/);
}

/** Waits for the clients' exchanges, and asserts that each is exact. */
export async function expectExact(capture: Capture, ...clients: Client[]): Promise<void> {
  const received = clients.flatMap((client) => client.received);
  assertExact(await capture.linesFor(received), received);
}

/** Ends the capture, and asserts that it has all there was. */
export async function expectNothingLost(capture: Capture): Promise<void> {
  const { tally } = await capture.stop();
  assert.match(tally, /, 0 in flight, .*nothing lost$/);
}
