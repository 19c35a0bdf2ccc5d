/** The tree's rows: their words, which of the exchanges they are, and when VS Code hears of them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { exchangeKey, type ExchangeKey } from "../../../extension/model/run.ts";
import { Exchanges } from "../../../extension/model/exchanges.ts";
import { Pace } from "../../../extension/model/pace.ts";
import { RowList } from "../../../extension/model/row-list.ts";
import { mostRows, rowsOf, rowsPerStep, RowWindow } from "../../../extension/model/row-window.ts";
import { messageText, rowText, tooltipText } from "../../../extension/model/text.ts";
import { shortTarget } from "../../../extension/model/short-target.ts";
import { textWidth } from "../../../extension/model/text-width.ts";
import type { ExchangeSummary, State } from "../../../protocol/exchange.ts";
import { durationText } from "../../../protocol/format.ts";
import { oneLine } from "../../../protocol/one-line.ts";
import { sentenceText } from "../../../protocol/row-text.ts";
import { lookOf } from "../../../protocol/states.ts";
import { put, summary } from "./summaries.ts";

test("a row's text is one line, whatever was captured; the code stands first, and what the program made names its host", () => {
  const row = summary(1, {
    ...{ method: "GET", target: "/a\r\nb\u202ecod.exe", status: 200, size: 1_200_000, duration: 13 },
    ...{ host: "stock:9090" },
  });
  const label = (fields: Partial<ExchangeSummary>) => rowText({ ...row, ...fields }, 0).label;
  assert.equal(label({}), "200 GET /a\ufffd\ufffdb\ufffdcod.exe");
  assert.equal(label({ role: "client", target: "/v1" }), "200 GET stock:9090/v1");
  assert.equal(label({ role: "client", target: "http://a/b" }), "200 GET http://a/b");
  assert.equal(oneLine("x".repeat(300)).length, 200);
});

test("a row is short enough for a narrow side bar: the size goes first, then the host, then parts of the path", () => {
  const row = summary(1, { method: "GET", status: 200, size: 1000, duration: 13, host: "stock:9090" });
  const text = (fields: Partial<ExchangeSummary>) =>
    Object.values(rowText({ ...row, ...fields }, 0)).join(" | ");
  assert.equal(text({ target: "/", size: 5 }), "200 GET / | 13 ms · 5 B");
  assert.equal(text({ target: "/a/b/c" }), "200 GET /a/b/c | 13 ms · 1.0 kB");
  const beside = Object.values(rowText({ ...row, target: "/orders/17/items" }, 0, { indented: true })).join(
    " | ",
  );
  assert.equal(beside, "200 GET /orders/17/items | 13 ms", "beside a recording, which indents it");
  assert.equal(text({ target: "/a/b/c/d" }), "200 GET /a/b/c/d | 13 ms · 1.0 kB");
  assert.equal(text({ target: "/shop/orders/17" }), "200 GET /shop/orders/17 | 13 ms");
  assert.equal(text({ target: "/v1/invoices", role: "client" }), "200 GET /v1/invoices | 13 ms");
  const target = "/api/shop/orders/17/items?page=2";
  assert.equal(text({ target }), "200 GET /api/…/17/items?… | 13 ms");
  assert.match(
    sentenceText({ ...row, target }, 0),
    /GET \/api\/shop\/orders\/17\/items\?page=2, 13 ms, 1.0 kB/,
  );
  assert.ok(tooltipText({ ...row, target }).startsWith(`GET ${target}\n`));
});

test("no number is cut, however wide the letters of a target are, nor beside the name of its process", () => {
  const wide = fc.string({ unit: fc.constantFrom("M", "W", "@", "l", "/", "?", "é", "漢"), maxLength: 60 });
  fc.assert(
    fc.property(wide, fc.boolean(), fc.integer({ min: 0, max: 3e6 }), (target, isNamed, duration) => {
      const row = summary(1, {
        method: "DELETE",
        target: `/${target}`,
        status: 200,
        size: 123_456,
        duration,
      });
      const process = isNamed ? "a long name of a process" : undefined;
      const { label, description } = rowText(row, 0, process === undefined ? {} : { process });
      const width = textWidth(label, 13) + textWidth(description, 11.7) + 7;
      // The least of a target is shown whatever its width.
      assert.ok(
        width <= 244 || label.length <= "200 DELETE ".length + 5,
        `${label} | ${description}: ${width}`,
      );
      assert.ok(description.includes(durationText(duration)));
    }),
  );
});

test("a target in little room keeps its last segment, with the one before a bare number, and its query's beginning", () => {
  assert.equal(shortTarget("/search?q=shoes&page=2", 14), "/search?q=sho…");
  assert.equal(shortTarget("/api/v1/shop/orders/17", 15), "/…/orders/17");
  assert.equal(shortTarget("http://stock/api/items.json", 20), "http://…/items.json");
  assert.equal(shortTarget("/files/a-very-long-name.png?v=1", 11), "…name.png?…");
  for (let limit = 11; limit < 40; limit++)
    assert.ok(shortTarget("/api/customers/17/files/a-name.png?v=1", limit).length <= limit);
});

test("each state has its word in the row, and none where the code says all", () => {
  const texts = (state: State, status?: number) => {
    const row = summary(1, { method: "GET", target: "/", state, ...(status !== undefined && { status }) });
    return Object.values(rowText(row, 4940));
  };
  assert.deepEqual(texts("in-flight"), ["… GET /", "in flight 4.9 s"]);
  assert.deepEqual(texts("in-flight", 200), ["200 GET /", "in flight 4.9 s"]);
  assert.deepEqual(texts("in-flight", 101), ["101 GET /", "open 4.9 s"]);
  assert.deepEqual(texts("closed"), ["– GET /", "closed early"]);
  assert.deepEqual(texts("lost", 200), ["200 GET /", "bytes lost"]);
  assert.deepEqual(texts("stopped"), ["– GET /", "capture stopped"]);
  assert.deepEqual(texts("complete", 500), ["500 GET /", "0 B"]);
  const cut = (fields: Partial<ExchangeSummary>) => {
    const row = summary(1, { method: "GET", target: "/", ...fields });
    return `${rowText(row, 0).description}; ${tooltipText(row).split("\n").at(-3)}`;
  };
  assert.equal(
    cut({ status: 200, headCut: "limit" }),
    "head over 256 KiB; A head is longer than the 256 KiB that are kept of one",
  );
  assert.equal(
    cut({ state: "closed", headCut: "unfinished" }),
    "closed early, head unfinished; A head never came to its end",
  );
  assert.equal(rowText(summary(1, { state: "lost" }), 0).label, "– (request not seen)");
});

test("colour never speaks alone: rows of another colour have another icon, or a word", () => {
  const server = { role: "server", state: "complete", missing: 0 } as const;
  const looks = [
    lookOf({ ...server, status: 200 }),
    lookOf({ ...server, status: 404 }),
    lookOf({ ...server, status: 500 }),
    lookOf({ ...server, status: 200, missing: 9 }),
    lookOf({ ...server, status: 200, headCut: "limit" }),
    ...(["in-flight", "closed", "lost", "stopped"] as const).map((state) => lookOf({ ...server, state })),
  ];
  const shapes = new Set(looks.map(({ icon, word }) => `${icon} ${word}`));
  assert.equal(shapes.size, looks.length);
  assert.equal(lookOf({ ...server, status: 204 }).word, "");
});

test("a row is heard as one sentence; its tooltip tells the rest", () => {
  const row = summary(1, {
    ...{
      method: "POST",
      target: "/buy",
      status: 500,
      contentType: "application/json",
      size: 196,
      duration: 12,
    },
  });
  assert.match(sentenceText(row, 0), /^500, POST \/buy, application\/json, 12 ms, 196 B, \d/);
  assert.match(
    tooltipText(row),
    /^POST \/buy\nStatus: 500\n.*\nResponse body: 196 B\n.*\nRequest received by app\[7\]; complete$/,
  );
  const client = summary(2, { role: "client", process: "browser", pid: 8 });
  assert.match(tooltipText(row, client), /\nRequest sent by browser\[8\], received by app\[7\]; complete$/);
  assert.match(
    tooltipText(client),
    /\nRequest sent by browser\[8\]; in flight$|\nRequest sent by browser\[8\]; /,
  );
  assert.equal(messageText({ total: 1, newer: 0, givenUp: 0 }), "1 exchange");
  assert.equal(
    messageText({ total: 10_000, newer: 12, givenUp: 2345 }),
    "12 new · 10,000 exchanges · 2,345 older given up",
  );
});

const key = (id: number): ExchangeKey => exchangeKey(1, id);

function filled(count: number): Exchanges {
  const exchanges = new Exchanges();
  exchanges.begin(1, 0);
  put(
    exchanges,
    1,
    Array.from({ length: count }, (_, i) => summary(i + 1)),
  );
  return exchanges;
}

/** The first and last id, and the counts. */
function span(window: RowWindow): number[] {
  const { shown, newer, older } = window.rows();
  return [shown[0]?.id ?? 0, shown.at(-1)?.id ?? 0, newer, older];
}

test("the newest is first; while held, what is new only counts, until it is followed again", () => {
  const exchanges = filled(rowsPerStep + 50);
  const window = new RowWindow(new RowList(exchanges));
  assert.deepEqual(span(window), [rowsPerStep + 50, 51, 0, 50]);
  window.hold(exchanges.get(key(rowsPerStep + 40)));
  put(exchanges, 1, [summary(rowsPerStep + 51)]);
  window.hold(exchanges.get(key(rowsPerStep + 51)));
  assert.deepEqual(span(window), [rowsPerStep + 40, 41, 11, 40]);
  window.follow();
  assert.deepEqual(span(window), [rowsPerStep + 51, 52, 0, 51]);
});

test("older rows come by the step, beyond the limit in place of the newest; nothing held is left when all is cleared", () => {
  const exchanges = filled(mostRows + 3 * rowsPerStep);
  const window = new RowWindow(new RowList(exchanges));
  window.showOlder();
  assert.deepEqual(span(window), [
    exchanges.size,
    exchanges.size - 2 * rowsPerStep + 1,
    0,
    exchanges.size - 2 * rowsPerStep,
  ]);
  for (let shown = 2 * rowsPerStep; shown < mostRows; shown += rowsPerStep) window.showOlder();
  window.showOlder();
  assert.deepEqual(span(window), [
    mostRows + 2 * rowsPerStep,
    2 * rowsPerStep + 1,
    rowsPerStep,
    2 * rowsPerStep,
  ]);
  exchanges.clear();
  exchanges.begin(2, 1);
  put(exchanges, 2, [summary(mostRows * 2)]);
  assert.deepEqual([span(window), window.isHeld], [[mostRows * 2, mostRows * 2, 0, 0], false]);
});

test("between two runs stands the earlier one's line, and no newer row is shown than the one held, of whichever run", () => {
  const exchanges = new Exchanges();
  exchanges.begin(1, 1000);
  put(exchanges, 1, [summary(1), summary(2)]);
  exchanges.end(2000, "it was stopped");
  exchanges.begin(2, 3000);
  put(exchanges, 2, [summary(1)]);
  const window = new RowWindow(new RowList(exchanges));
  assert.deepEqual(rowsOf(window.rows()), ["2:1", "run 1000", "1:2", "1:1"]);
  window.hold(exchanges.get("1:2"));
  assert.deepEqual([rowsOf(window.rows()), window.rows().newer], [["1:2", "1:1"], 1]);
  assert.deepEqual(rowsOf({ ...window.rows(), older: 3 }).at(-1), "older");
});

/** When VS Code was told, with `rows` coming every 50 ms for a second, and VS Code asking `delay` after each word. */
function toldAt(rows: number, delay: number): number[] {
  const pace = new Pace();
  const told: number[] = [];
  let fresh = 0;
  let asks = Infinity;
  let next = Infinity;
  for (let now = 0; now < 1000; now++) {
    if (now >= asks) {
      pace.ask(now);
      fresh = 0;
      [asks, next] = [Infinity, Math.min(next, now)];
    }
    if (now % 50 === 0) {
      fresh += rows;
      if (next === Infinity) next = now;
    }
    if (now < next) continue;
    const wait = pace.wait(now, fresh);
    next = wait > 0 ? now + wait : Infinity;
    if (wait > 0) continue;
    pace.tell(now, true);
    told.push(now);
    asks = now + delay;
  }
  return told;
}

test("VS Code hears at once of the first row, then in steps beyond its debounce, counted from its own asking", () => {
  assert.deepEqual(toldAt(1, 1), [0, 251, 502, 753]);
  assert.deepEqual(toldAt(1, 100), [0, 350, 700]);
});

test("in a flood of rows VS Code hears once a second; when the flood ends, after the next look", () => {
  assert.deepEqual(toldAt(30, 1), [0]);
  const pace = new Pace();
  pace.tell(0, true);
  pace.ask(0);
  assert.equal(pace.wait(250, 500), 250);
  assert.equal(pace.wait(500, 500), 0);
});

test("a view that doesn't ask is told again, but not before 2 seconds", () => {
  const pace = new Pace();
  pace.tell(0, true);
  assert.deepEqual([pace.wait(500, 9), pace.wait(2000, 9)], [1500, 0]);
});
