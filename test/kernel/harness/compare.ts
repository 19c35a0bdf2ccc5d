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
