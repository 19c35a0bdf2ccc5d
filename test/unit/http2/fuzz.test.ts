/** Whatever comes, in whatever pieces: nothing throws, and nothing is left held. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { preface } from "../../../helper/http2/preface.ts";
import { assertCovered } from "../http/conversation.ts";
import { Capture, Script } from "../http/script.ts";
import { frame } from "./frames.ts";

const payload = fc.oneof(
  fc.uint8Array({ maxLength: 40 }),
  fc.constantFrom(
    "\x82\x86\x84\x41\x01h",
    "\x88",
    "\xbe\xbf\x7f\x01\x01a",
    "\0\0\0\x01",
    "\0\0\0\x01\0\0\0\x02",
    "\x02ab\0\0",
  ),
);
/** Frames of all types, mostly on few streams, and scraps of none. */
const piece = fc.oneof(
  {
    weight: 8,
    arbitrary: fc
      .tuple(
        fc.integer({ min: 0, max: 10 }),
        fc.integer({ min: 0, max: 255 }),
        fc.integer({ min: 0, max: 6 }),
        payload,
      )
      .map(([type, flags, stream, bytes]) => frame(type, flags, stream, bytes)),
  },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes)) },
);
const step = fc.record({
  direction: fc.constantFrom("in", "out"),
  bytes: fc.array(piece, { minLength: 1, maxLength: 4 }).map((pieces) => Buffer.concat(pieces)),
  cut: fc.nat(60),
  hole: fc.option(fc.tuple(fc.nat(60), fc.nat(30)), { freq: 4 }),
});

test("random frames, cuts and holes: nothing throws, bodies are covered, and no memory stays held", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 20 }), fc.boolean(), (steps, knows) => {
      const script = new Script();
      if (knows) script.read(preface);
      for (const { direction, bytes, cut, hole } of steps) {
        const holes: [number, number][] = hole === null ? [] : [[hole[0], hole[0] + hole[1]]];
        script.call(direction as "in" | "out", bytes, { cuts: cut < bytes.length ? [cut] : [], holes });
      }
      const capture = new Capture({ memory: 4 });
      for (const event of script.close().events) capture.push(event);
      capture.endBatch();
      const { traffic } = capture;
      assert.equal(traffic.inFlight, 0);
      for (const id of traffic.takeChanges(Infinity).changed) {
        const exchange = traffic.exchange(id)!;
        for (const side of ["request", "response"] as const)
          if (exchange[side] !== undefined) assertCovered(exchange[side].body);
      }
      traffic.clear();
      assert.equal(traffic.memory.used, 0);
    }),
    { numRuns: Number(process.env["TINYTAP_CONVERSATIONS"] ?? 3000) },
  );
});
