import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { graphqlOfDocument, graphqlOfJson, graphqlOfTarget } from "../../../content/graphql.ts";

test("a GraphQL request: operation, name, document, and variables as they were sent", () => {
  const document = "mutation AddItem($id: ID!) { add(id: $id) { total } }";
  assert.deepEqual(
    graphqlOfJson(
      `{"query":${JSON.stringify(document)},"variables":{"id": 12345678901234567890},"extensions":null}`,
    ),
    [{ operation: "mutation", name: "AddItem", document, variables: '{"id": 12345678901234567890}' }],
  );
  assert.deepEqual(graphqlOfJson('{"query":"{ a }"}'), [{ operation: "query", document: "{ a }" }]);
});

test("which of several operations is meant; a batch; a persisted query", () => {
  const document =
    'fragment F on T { x } query A { a(s: "query B {") } # query C {\nsubscription B @live { b }';
  const request = { query: document, operationName: "B" };
  assert.deepEqual(graphqlOfJson(JSON.stringify(request))?.[0], {
    operation: "subscription",
    name: "B",
    document,
  });
  assert.equal(graphqlOfDocument(document).name, "A");
  assert.deepEqual(
    graphqlOfJson(JSON.stringify([request, { query: "{ a }" }]))?.map(({ operation }) => operation),
    ["subscription", "query"],
  );
  assert.deepEqual(graphqlOfJson('{"operationName":"A","extensions":{"persistedQuery":{"version":1}}}'), [
    { name: "A", extensions: '{"persistedQuery":{"version":1}}' },
  ]);
});

test("what is no GraphQL: queries of another kind, other JSON, no JSON", () => {
  for (const text of [
    '{"query":"select * from t"}',
    '{"query":"cats"}',
    '{"query":{"match_all":{}}}',
    '{"variables":{}}',
    "[]",
    "[1]",
    '"{ a }"',
    '{"query":"{ a }"',
    '[{"query":"{ a }"},{"q":1}]',
  ])
    assert.equal(graphqlOfJson(text), undefined, text);
});

test("a GET: by its query", () => {
  assert.deepEqual(
    graphqlOfTarget("/graphql?query=query+Q%7B+a+%7D&variables=%7B%22n%22%3A1.0%7D&operationName=Q"),
    {
      operation: "query",
      name: "Q",
      document: "query Q{ a }",
      variables: '{"n":1.0}',
    },
  );
  for (const target of ["/", "/search?query=cats", "/?variables=1", "/?query=%7D&extensions=%7B"])
    assert.equal(graphqlOfTarget(target), undefined, target);
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.constantFrom("query", "operationName", "variables", "extensions"), fc.string())),
      (pairs) => {
        graphqlOfTarget(`/?${new URLSearchParams(pairs).toString()}`);
      },
    ),
  );
});

test("strings that aren't closed take time in proportion to their length", () => {
  for (const repeated of ['"\\', '"a\\', '"""', '" ', '{"']) {
    const milliseconds = (times: number): number => {
      const takes = Array.from({ length: 3 }, () => {
        const began = performance.now();
        graphqlOfDocument(repeated.repeat(times));
        return performance.now() - began;
      });
      return Math.min(...takes);
    };
    const [short, long] = [milliseconds(1000), milliseconds(32_000)];
    assert.ok(long < 32 * 16 * short, `${repeated}: ${short} ms, and of 32 times as much ${long}`);
  }
});
