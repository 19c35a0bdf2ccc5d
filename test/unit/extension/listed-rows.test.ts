/** What was captured on both ends of its connection is listed once, in whatever order the two come, change and go. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Exchanges } from "../../../extension/model/exchanges.ts";
import { isListed } from "../../../extension/model/other-ends.ts";
import { RowList } from "../../../extension/model/row-list.ts";
import { put, summary } from "./summaries.ts";

/** Odd ids are the client's ends of the even ones behind them; from some time on their helper knows that, and says so of both. */
const id = fc.integer({ min: 1, max: 12 });
const happening = fc.oneof(
  { weight: 4, arbitrary: fc.record({ put: fc.array(id, { maxLength: 4 }) }) },
  { weight: 2, arbitrary: fc.record({ drop: fc.array(id, { maxLength: 4 }) }) },
  fc.constant({ clear: true }),
  fc.constant({ lose: true }),
);

function end(number: number, known: boolean) {
  const isClient = number % 2 === 1;
  return summary(number, {
    role: isClient ? "client" : "server",
    state: number > 8 ? "in-flight" : "complete",
    ...(known && { otherEnd: otherEnd(number) }),
  });
}

function otherEnd(number: number): number {
  return number % 2 === 1 ? number + 1 : number - 1;
}

test("under any changes they are what a look at all rows would give, and what is told of them says the same", () => {
  fc.assert(
    fc.property(fc.array(happening, { maxLength: 30 }), fc.nat(10), (happenings, knownFrom) => {
      const exchanges = new Exchanges(8);
      exchanges.begin(1, 0);
      const list = new RowList(exchanges.listed);
      for (const [time, each] of happenings.entries()) {
        if ("put" in each) {
          const known = time >= knownFrom;
          const others = known ? each.put.map(otherEnd).filter((other) => exchanges.get(`1:${other}`)) : [];
          const ids = [...new Set([...each.put, ...others])];
          put(
            exchanges,
            1,
            ids.map((number) => end(number, known)),
          );
        } else if ("drop" in each) exchanges.apply(1, { exchanges: [], dropped: each.drop, kept: 0 });
        else if ("clear" in each) exchanges.clear();
        else exchanges.lose(1);
        const listed = exchanges.rows.filter((row) => isListed(row, (key) => exchanges.get(key)));
        assert.deepEqual(exchanges.listed.rows, listed);
        list.refresh();
        assert.deepEqual(list.slice(0, list.length), listed.toReversed());
      }
    }),
    { numRuns: 300 },
  );
});
