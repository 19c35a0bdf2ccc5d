/** The filter: what it hides, what it says of itself, what it doesn't understand and where, and what can be typed next. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import fc from "fast-check";
import { ExchangeRow } from "../../../extension/model/exchange-row.ts";
import { Answers, type Finder } from "../../../extension/model/filter/answers.ts";
import { complete } from "../../../extension/model/filter/completion.ts";
import { CurrentFilter } from "../../../extension/model/filter/current-filter.ts";
import { hiding, withCondition } from "../../../extension/model/filter/hiding.ts";
import { parseFilter } from "../../../extension/model/filter/filter.ts";
import { SourceFinder } from "../../../extension/model/filter/source-finder.ts";
import type { ExchangeKey } from "../../../extension/model/run.ts";
import { Sources, type ExchangeSource } from "../../../extension/model/sources.ts";
import type { ExchangeSummary, Side } from "../../../protocol/exchange.ts";
import { idsToSearch } from "../../../search/ids.ts";
import { search } from "../../../search/search.ts";
import { exchange } from "../recording/exchange.ts";
import { summary } from "./summaries.ts";

const json = "application/json; charset=utf-8";
const rows = (
  [
    {
      method: "GET",
      target: "/api/orders/7?full=1",
      status: 200,
      contentType: json,
      size: 900,
      duration: 12,
    },
    { method: "POST", target: "/api/checkout", status: 500, contentType: json, size: 196, requestSize: 2e6 },
    { method: "GET", target: "/static/app.css", status: 304, contentType: "text/css" },
    { method: "GET", target: "/files/a.tar", status: 200, size: 67e6, missing: 4e6, bySendfile: true },
    {
      method: "GET",
      target: "/v1/stock",
      status: 404,
      role: "client",
      host: "stock:9090",
      process: "worker",
    },
    { method: "PUT", target: "/api/Cart", state: "in-flight" },
    { state: "lost" },
  ] satisfies Partial<ExchangeSummary>[]
).map((fields, i) => new ExchangeRow(1, summary(i + 1, { host: "localhost:8080", ...fields })));

/** The ids of the rows that pass. */
function passing(text: string): number[] {
  const filter = parseFilter(text);
  assert.deepEqual(filter.errors, [], text);
  return rows.filter((row) => filter.passes(row, () => undefined)).map(({ id }) => id);
}

test("each key, alternatives, what must not be, free text and regular expressions", () => {
  const all = [1, 2, 3, 4, 5, 6, 7];
  const cases: [string, number[]][] = [
    ["", all],
    ["method:get", [1, 3, 4, 5]],
    ["method:POST,PUT", [2, 6]],
    ["-method:GET", [2, 6, 7]],
    ["status:>=400", [2, 5]],
    ["status:4xx,304", [3, 5]],
    ["status:200-304", [1, 3, 4]],
    ["-status:200", [2, 3, 5, 6, 7]],
    ["larger-than:1MB", [2, 4]],
    ["larger-than:899", [1, 2, 4]],
    ["slower-than:10ms", [1]],
    ["mime:json", [1, 2]],
    ["-mime:json,css", [4, 5, 6, 7]],
    ["host:STOCK", [5]],
    ["path:/api", [1, 2, 6]],
    ["path:/api/", [1, 2, 6]],
    ["path:/cart", [6]],
    ["path:/^\\/(api|v1)\\//", [1, 2, 5, 6]],
    ["path:/cart$/", []],
    ["path:/cart$/i", [6]],
    ["process:worker", [5]],
    ["is:running", [6]],
    ["is:sendfile", [4]],
    ["is:gap", [4, 7]],
    ["is:client,running", [5, 6]],
    ["is:error", [2, 5]],
    ["-is:error -is:running", [1, 3, 4, 7]],
    ["localhost:8080/api", [1, 2, 6]],
    ["orders 7", [1]],
    ['"GET localhost"', [1, 3, 4]],
    ["-/\\.(css|tar)/", [1, 2, 5, 6, 7]],
    ["status: path:/api", [1, 2, 6]],
    ['path:"', all],
  ];
  for (const [text, expected] of cases) assert.deepEqual(passing(text), expected, text);
});

test("it says in a sentence what it does", () => {
  const cases: [string, string][] = [
    ["-path:/static -mime:html,image", "path without /static; type without html or image"],
    ["method:get,post status:>=400,302", "method GET or POST; status 400 or above or 302"],
    ["larger-than:1500kB -slower-than:1.5s", "a body larger than 1.5 MB; not slower than 1.5 s"],
    ["is:running,gap -is:client", "in flight or with bytes lost; not made by the program"],
    ['stock "out of" /v[12]/', "“stock”; “out of”; /v[12]/"],
    ["has-header:X-Id -body:secret", "a header X-Id; no body with “secret”"],
    ["  ", ""],
  ];
  for (const [text, words] of cases) assert.equal(parseFilter(text).words, words);
});

test("what isn't understood is pointed at, and hides nothing", () => {
  const errors = (text: string) =>
    parseFilter(text).errors.map(({ start, end, message }) => `${text.slice(start, end)}: ${message}`);
  assert.deepEqual(errors("path:/api status:40"), [
    "status:40: 40 is no code, as 404, 4xx, >=400 or 200-299 are",
  ]);
  assert.deepEqual(errors("larger-than:big -is:new"), [
    "larger-than:big: big is no size, as 200, 10kB or 1.5MB are",
    "-is:new: there is no is:new, but is:running, error, gap, sendfile or client",
  ]);
  assert.match(errors("/(/")[0] ?? "", /^\/\(\/: no regular expression: .*Unterminated group/);
  assert.match(errors("/a/g")[0] ?? "", /can't have the flag g/);
  assert.equal(errors("larger-than:1kB,2kB")[0], "larger-than:1kB,2kB: it takes one value");
  assert.match(parseFilter("a".repeat(3000)).errors[0]?.message ?? "", /only 2000 characters/);
  const filter = parseFilter("status:40");
  assert.ok(rows.every((row) => filter.passes(row, () => undefined)));
});

test("no text breaks it: what it points at lies within, and it says something or nothing", () => {
  const piece = fc.constantFrom(
    "-",
    '"',
    "/",
    ":",
    ",",
    " ",
    "status:",
    "path:",
    "is:",
    "a",
    "[",
    "\\",
    "4",
    ">=",
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), fc.nat(20), (pieces, at) => {
      const text = pieces.join("");
      const { errors, passes } = parseFilter(text);
      for (const { start, end } of errors) assert.ok(start >= 0 && start < end && end <= text.length);
      for (const row of rows) passes(row, () => undefined);
      const caret = Math.min(at, text.length);
      for (const { start, end } of complete(text, caret, rows))
        assert.ok(start >= 0 && start <= end && end <= caret);
    }),
  );
});

test("completed are keys, and the values that rows have, the commonest first, with their number", () => {
  const texts = (text: string, caret = text.length) =>
    complete(text, caret, rows).map(({ start, end, text: made, about }) => [
      text.slice(0, start) + made + text.slice(end),
      about,
    ]);
  assert.deepEqual(texts("-me"), [["-method:", "the request's method"]]);
  assert.deepEqual(
    texts("status:404 ")
      .map(([made]) => made)
      .slice(0, 2),
    ["status:404 method:", "status:404 status:"],
  );
  assert.deepEqual(texts("method:").slice(0, 2), [
    ["method:GET", "4"],
    ["method:POST", "1"],
  ]);
  assert.deepEqual(
    texts("method:GET,P").map(([made]) => made),
    ["method:GET,POST", "method:GET,PUT"],
  );
  assert.deepEqual(texts("host:sto x", 8), [["host:stock:9090 x", "1"]]);
  assert.deepEqual(texts("mime:json"), [[`mime:"${json}"`, "2"]]);
  assert.deepEqual(texts("is:ga"), [["is:gap", "bytes are missing"]]);
  const hostile = [
    new ExchangeRow(1, summary(1, { host: 'a"b' })),
    new ExchangeRow(1, summary(2, { host: "a\u202eb" })),
  ];
  assert.deepEqual(complete("host:a", 6, hostile), []);
});

class SlowFinder implements Finder {
  readonly asked: [string, string[]][] = [];
  readonly #found: string[];

  constructor(...found: string[]) {
    this.#found = found;
  }

  async find({ value }: Parameters<Finder["find"]>[0], keys: Parameters<Finder["find"]>[1]) {
    this.asked.push([value.text, [...keys]]);
    await sleep(1);
    return { keys: keys.filter((key) => this.#found.includes(key)), problems: [] };
  }
}

test("what a row doesn't tell is looked for once, of rows that the rest lets through, and again once they change", async () => {
  const finder = new SlowFinder("1:1", "1:6");
  const filter = new CurrentFilter({ get: () => "path:/api body:tea", update() {} }, finder);
  const told: number[][] = [];
  filter.onAnswer((answered) => told.push(answered.map(({ id }) => id)));
  const pass = () => rows.filter(filter.passes).map(({ id }) => id);
  assert.deepEqual([pass(), filter.open], [[], 3]);
  while (filter.open > 0) await sleep(1);
  assert.deepEqual([pass(), told, finder.asked], [[1, 6], [[1, 2, 6]], [["tea", ["1:1", "1:2", "1:6"]]]]);
  filter.forget([rows[1]!]);
  assert.deepEqual([pass(), filter.open], [[1, 6], 1]);
  filter.set("-body:tea path:/api");
  pass();
  while (filter.open > 0) await sleep(1);
  assert.deepEqual(pass(), [2]);
  filter.set("");
  assert.deepEqual([pass().length, filter.open, filter.isOn], [7, 0, false]);
});

test("a finder that fails says why, and is not asked again for the same", async () => {
  const answers = new Answers({ find: () => Promise.reject(new Error("they are gone")) });
  const [question] = parseFilter("body:x").questions;
  answers.of(question!, rows[0]!);
  while (answers.open > 0) await sleep(1);
  assert.deepEqual([answers.problem, answers.of(question!, rows[0]!)], ["they are gone", false]);
});

/** Two exchanges, alike but for their ids; what is read of their bodies is `content`, as long as those are. */
function sourceOf(content: { request: string; response: string }): ExchangeSource {
  const read = async (side: Side, start: number, end: number) => {
    const base64 = Buffer.from(content[side]).subarray(start, end).toString("base64");
    return { base64, end, ranges: [], missing: [] };
  };
  return {
    exchange: () => Promise.reject(new Error("not asked")),
    body: () => Promise.reject(new Error("not asked")),
    search: (params, signal) => {
      const ids = idsToSearch([1, 2], params);
      const kept = (async function* () {
        for (const id of ids) yield { exchange: { ...exchange, id }, read };
      })();
      return search({ ...params, limit: 1 }, kept, signal);
    },
  };
}

test("a header is looked for by its name on both sides, a text in both bodies, in each exchange that is asked for", async () => {
  const sources = new Sources();
  const source = sources.add(sourceOf({ request: "tea", response: "/ab/" }));
  const find = async (text: string) => {
    const found = await Promise.all(
      parseFilter(text).questions.map((question) =>
        new SourceFinder(sources).find(
          question,
          [`${source}:1`, `${source}:2`, `${source}:3`],
          new AbortController().signal,
        ),
      ),
    );
    return found.flatMap(({ keys, problems }) => [...keys, ...problems]).toSorted();
  };
  const both = [`${source}:1`, `${source}:2`];
  assert.deepEqual(await find("has-header:content-TYPE"), both);
  assert.deepEqual(await find("has-header:X"), both);
  // Neither a part of a name, nor a value, nor the beginning of another line.
  for (const none of ["content", "text/plain", "POST", "cookie", ".*"])
    assert.deepEqual(await find(`has-header:${none}`), [], none);
  assert.deepEqual(await find("body:TEA"), both);
  assert.deepEqual(await find('body:"/ab/"'), both);
  assert.deepEqual(await find("body:/^t.a$/"), both);
  assert.deepEqual(await find("body:Host"), []);
});

test("what can't be searched is said, and what can is found all the same", async () => {
  const sources = new Sources();
  const source = sources.add(sourceOf({ request: "tea", response: "\0\0\0\0" }));
  const gone = sources.add(sourceOf({ request: "", response: "" }));
  sources.end(gone, "It was closed.");
  const [question] = parseFilter("body:tea").questions;
  const keys: ExchangeKey[] = [`${gone}:1`, `${source}:1`];
  const findings = await new SourceFinder(sources).find(question!, keys, new AbortController().signal);
  assert.deepEqual(findings, { keys: [`${source}:1`], problems: ["It was closed."] });
});

test("what is like a row is hidden by one condition more, which says what it hides", () => {
  const row = (target: string) => new ExchangeRow(1, summary(1, { target }));
  const hides = (target: string, other: string) =>
    !parseFilter(hiding(row(target)) ?? "").passes(row(other), () => undefined);
  assert.equal(hiding(row("/health?full=1")), "-path:/health");
  for (const target of ["/health?full=1", "/", "/?a", "/a b,c", '/a"b', "/x/", "/x+y/"])
    assert.deepEqual([hides(target, target), hides(target, "/other")], [true, false], target);
  assert.equal(hiding(row("/a:b")), "-path:/a:b");
  assert.equal(hiding(new ExchangeRow(1, summary(1))), undefined);
  const asked = new ExchangeRow(1, summary(1, { role: "client", target: "/v1/x", host: "stock:9090" }));
  assert.equal(hiding(asked), "-host:stock:9090");
  assert.equal(
    parseFilter(hiding(asked)!).passes(asked, () => undefined),
    false,
  );
  assert.equal(withCondition("is:error ", "-path:/x"), "is:error -path:/x");
  assert.equal(withCondition("-path:/x", "-path:/x"), "-path:/x");
  assert.equal(withCondition("-path:/xyz", "-path:/x"), "-path:/xyz -path:/x");
});

test("the filter is kept", () => {
  const kept = new Map<string, string>();
  const keeper = {
    get: (key: string) => kept.get(key),
    update: (key: string, value: string) => void kept.set(key, value),
  };
  const finder = new SlowFinder();
  new CurrentFilter(keeper, finder).set("status:>=400");
  assert.equal(new CurrentFilter(keeper, finder).filter.words, "status 400 or above");
});
