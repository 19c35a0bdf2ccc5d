/** What a view shows stays what it would be if all were looked at anew, whatever comes, changes and goes. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Exchanges } from "../../../extension/model/exchanges.ts";
import { inOrder, type ExchangeRow } from "../../../extension/model/exchange-row.ts";
import { comparing } from "../../../extension/model/row-order.ts";
import { RowList } from "../../../extension/model/row-list.ts";
import type { ExchangeSummary } from "../../../protocol/exchange.ts";
import type { Sorting, SortColumn } from "../../../protocol/table.ts";
import { put, summary } from "./summaries.ts";

const columns: SortColumn[] = ["start", "status", "path", "size", "time"];

/** The sizes are few, so that many rows are equal in their column. */
const rowChange = fc.record({
  id: fc.integer({ min: 1, max: 40 }),
  status: fc.constantFrom(200, 404, 500),
  size: fc.integer({ min: 0, max: 3 }),
  target: fc.constantFrom("/a", "/b", "/c"),
  state: fc.constantFrom("in-flight" as const, "complete" as const),
});

const happening = fc.oneof(
  { weight: 6, arbitrary: fc.record({ put: fc.array(rowChange, { maxLength: 6 }) }) },
  { weight: 2, arbitrary: fc.record({ drop: fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 5 }) }) },
  fc.constant({ clear: true }),
  fc.constant({ look: true }),
  fc.constant({ lose: true }),
  fc.constant({ follow: true }),
  fc.record({ hold: fc.nat(39) }),
  fc.record({ sort: fc.constantFrom(...columns), descending: fc.boolean() }),
);

function shown(list: RowList): string[] {
  return list.slice(0, list.length).map(described);
}

function described({ key, state, size, status }: ExchangeRow): string {
  return `${key} ${state} ${size} ${status}`;
}

test("under any changes it is what filtering and sorting all rows anew would give", () => {
  const passes = ({ size, status }: ExchangeRow) => size > 0 || status === 500;
  fc.assert(
    fc.property(fc.array(happening, { maxLength: 40 }), (happenings) => {
      const exchanges = new Exchanges(25);
      exchanges.begin(1, 0);
      const list = new RowList(exchanges, passes);
      let sorting: Sorting = { column: "start", descending: true };
      let held: ExchangeRow | undefined;
      for (const each of happenings) {
        if ("put" in each) {
          const rows = [...new Map(each.put.map((row) => [row.id, row])).values()];
          put(
            exchanges,
            1,
            rows.map(({ id, ...fields }) => summary(id, fields)),
          );
        } else if ("drop" in each) exchanges.apply(1, { exchanges: [], dropped: each.drop, kept: 0 });
        else if ("clear" in each) exchanges.clear();
        else if ("lose" in each) exchanges.lose(1);
        else if ("look" in each) list.refresh();
        else if ("follow" in each) {
          list.follow();
          held = undefined;
        } else if ("hold" in each) {
          held ??= exchanges.rows[each.hold] ?? exchanges.rows.at(-1);
          list.hold(held);
        } else {
          sorting = { column: each.sort, descending: each.descending };
          list.sort(sorting);
        }
        const isHeld = list.isHeld;
        list.refresh();
        if (isHeld && !list.isHeld) held = undefined;
        const pass = exchanges.rows.filter(passes);
        const all = pass.filter((row) => held === undefined || inOrder(row, held) <= 0);
        all.sort(comparing(sorting.column));
        if (sorting.descending) all.reverse();
        assert.deepEqual(shown(list), all.map(described));
        assert.equal(list.newer, pass.length - all.length);
        for (const [place, row] of all.entries()) assert.equal(list.placeOf(row), place);
      }
    }),
    { numRuns: 300 },
  );
});

test("a view that nobody looks at doesn't pile up what it was told", () => {
  const exchanges = new Exchanges(100);
  exchanges.begin(1, 0);
  const list = new RowList(exchanges);
  const one = (id: number): ExchangeSummary[] => [summary(id)];
  for (let id = 1; id <= 20_000; id++) put(exchanges, 1, one(id));
  assert.equal(list.refresh(), true);
  assert.equal(list.refresh(), false);
  assert.deepEqual([list.length, list.slice(0, 1)[0]?.id, list.slice(99, 100)[0]?.id], [100, 20_000, 19_901]);
});
