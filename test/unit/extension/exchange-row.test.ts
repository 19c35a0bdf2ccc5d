/** A row tells all that was reported, in little memory: facts that many have in common are kept once for all of them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { ExchangeRow } from "../../../extension/model/exchange-row.ts";
import { Exchanges } from "../../../extension/model/exchanges.ts";
import { RowList } from "../../../extension/model/row-list.ts";
import type { Run } from "../../../extension/model/run.ts";
import { FactsPool, type ToldSummary } from "../../../extension/model/shared-facts.ts";
import type { ExchangeSummary } from "../../../protocol/exchange.ts";
import { put, summary } from "./summaries.ts";

const perhaps = <Value>(...values: Value[]) => fc.constantFrom<Value | undefined>(undefined, ...values);

/** Of few values, so that many are equal but for one. */
const reported: fc.Arbitrary<ToldSummary> = fc.record(
  {
    id: fc.nat(9),
    pid: fc.constantFrom(7, 8),
    process: fc.constantFrom("app", "7"),
    role: fc.constantFrom("server", "client"),
    remote: fc.constantFrom("127.0.0.1:5000", "127.0.0.1:5001"),
    state: fc.constantFrom("in-flight", "complete"),
    start: fc.constantFrom(0, 1.7e12 + 0.125),
    // Also one of weeks, which is no small integer.
    responseStart: perhaps(0, 0.001, 2.5, 3e9 + 0.5),
    duration: perhaps(0, 3.1, 3e9 + 0.25),
    method: perhaps("GET", ""),
    target: perhaps("/", "/a"),
    host: perhaps("app", ""),
    status: perhaps(0, 200),
    grpcStatus: perhaps(0, 5),
    contentType: perhaps("text/plain", ""),
    requestSize: fc.nat(1),
    size: fc.constantFrom(0, 2 ** 40),
    otherEnd: perhaps(3),
    missing: fc.nat(1),
    headCut: perhaps("limit" as const, "unfinished" as const),
    bySendfile: perhaps(true as const),
  },
  { noNullPrototype: true },
);

const runs: (Run | undefined)[] = [
  undefined,
  { helper: 1, first: 1, began: 5 },
  { helper: 1, first: 4, began: 5 },
];
const made = fc.record({ source: fc.constantFrom(1, 2), run: fc.constantFrom(...runs), each: reported });

test("of two rows that differ in one fact each tells its own; times to the microsecond", () => {
  fc.assert(
    fc.property(made, made, (one, other) => {
      const pool = new FactsPool();
      const tells = ({ source, run, each }: typeof one) => {
        const row = new ExchangeRow(source, each, run, pool);
        assert.deepEqual(row.summary, each);
        for (const name of names) assert.equal(row[name], each[name], name);
        assert.deepEqual([row.source, row.run, row.key], [source, run, `${source}:${each.id}`]);
      };
      const names = Object.keys(one.each) as (keyof ExchangeSummary)[];
      tells(one);
      tells({ ...one, run: other.run });
      tells({ ...one, source: other.source });
      for (const name of names) tells({ ...one, each: { ...one.each, [name]: other.each[name] } });
    }),
  );
  assert.equal(new ExchangeRow(1, summary(1, { duration: 1.23456 })).duration, 1.235);
});

test("rows take less than 250 bytes each, strings and lists included", () => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const exchanges = new Exchanges();
  exchanges.begin(1, 0);
  // As the tree and the table have them.
  const lists = [new RowList(exchanges.listed), new RowList(exchanges.listed)];
  collect();
  const before = process.memoryUsage().heapUsed;
  const count = 20_000;
  for (let id = 1; id <= count; id += 50) {
    const rows = Array.from({ length: 50 }, (_, i) =>
      summary(id + i, {
        ...{ start: 1.7e12 + id + 0.25, responseStart: 1.4142, duration: 3.1416, method: "GET", status: 200 },
        ...{ target: `/api/orders/${id + i}?page=2`, host: "shop.test:8080", size: 1000 },
        ...{ remote: `127.0.0.1:${5000 + (i % 16)}`, contentType: "application/json" },
      }),
    );
    // As they come: every string by itself.
    put(exchanges, 1, JSON.parse(JSON.stringify(rows)) as ExchangeSummary[]);
  }
  for (const list of lists) list.refresh();
  collect();
  const each = (process.memoryUsage().heapUsed - before) / count;
  assert.ok(each < 250, `${each} bytes`);
  for (const list of lists) assert.equal(list.length, count);
});
