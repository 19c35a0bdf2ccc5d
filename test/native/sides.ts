/** What the two sides of a connection of this process with itself said, and how it talks. */
import assert from "node:assert/strict";
import { once } from "node:events";
import type { Socket } from "node:net";
import type {
  ConnectionClosed,
  ConnectionOpened,
  Direction,
  DirectionEnded,
} from "../../helper/stream/segment.ts";
import type { SeenEvent, SeenSegment } from "./follower.ts";

/** What a side of a connection said of itself. */
export interface Side {
  opened: ConnectionOpened;
  segments: SeenSegment[];
  ended: DirectionEnded[];
  closed: ConnectionClosed | undefined;
}

export function sides(events: readonly SeenEvent[]): Side[] {
  return events
    .filter((event) => event.kind === "opened")
    .map((opened) => {
      const own = events.filter(({ connection }) => connection === opened.connection);
      return {
        opened,
        segments: own.filter((event) => event.kind === "segment"),
        ended: own.filter((event) => event.kind === "ended"),
        closed: own.find((event) => event.kind === "closed"),
      };
    });
}

/** Bytes from the first that was moved to `number`. */
export function reached({ segments }: Side, direction: Direction, number: number): number {
  const first = segments.find((segment) => segment.direction === direction && segment.call !== undefined);
  return first?.call === undefined ? 0 : (number - first.call.seq) | 0;
}

/** What the calls say they moved. */
export function moved({ segments }: Side, direction: Direction): number {
  const calls = segments.filter((segment) => segment.direction === direction).map(({ call }) => call);
  return calls.reduce((sum, call) => sum + (call?.length ?? 0), 0);
}

/** Of each call: its length, and how many of its bytes may be of a head. */
export function heads({ segments }: Side, direction: Direction): [number, number][] {
  const calls: [number, number][] = [];
  let head = 0;
  for (const segment of segments.filter((each) => each.direction === direction)) {
    if (segment.head) head += segment.bytes.length;
    if (segment.call === undefined) continue;
    calls.push([segment.call.length, head]);
    head = 0;
  }
  return calls;
}

/** A call that sent: its length, how many of its bytes came, and what the rest is missing for. */
export type Sent = [length: number, payload: number, reason?: string];

export function sent({ segments }: Side): Sent[] {
  const out = segments.filter(({ direction }) => direction === "out");
  return out
    .filter(({ call }) => call !== undefined)
    .map(({ call }) => {
      const { seq, length, reason } = call!;
      const own = out.filter(
        (segment) => ((segment.seq - seq) | 0) >= 0 && ((segment.seq - seq) | 0) < length,
      );
      const payload = own.reduce((sum, { bytes }) => sum + bytes.length, 0);
      return payload === length ? [length, payload] : [length, payload, reason];
    });
}

/** The number of the next byte to be sent. */
export function next({ segments }: Side): number {
  const last = segments.findLast(({ direction, call }) => direction === "out" && call !== undefined);
  return (last!.call!.seq + last!.call!.length) >>> 0;
}

export const request = Buffer.alloc(1000, "q");
export const response = Buffer.alloc(70_001, "r");

/** Reads `length` bytes. */
export async function receive(socket: Socket, length: number): Promise<void> {
  let got = 0;
  while (got < length) {
    const [chunk] = (await once(socket, "data")) as [Buffer];
    got += chunk.length;
  }
  assert.equal(got, length);
}

export async function exchange(client: Socket, server: Socket): Promise<void> {
  client.write(request);
  await receive(server, request.length);
  server.write(response);
  await receive(client, response.length);
}

export async function end(first: Socket, second: Socket): Promise<void> {
  first.end();
  await once(second.resume(), "end");
  second.end();
  await once(first.resume(), "end");
}
