/** What `.proto` files declare, and which files a setting means. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { DescriptorBuilder } from "../../../content/protobuf/descriptor-builder.ts";
import type { Descriptors } from "../../../content/protobuf/descriptors.ts";
import { withImports } from "../../../extension/grpc/proto-imports.ts";
import { patternOf } from "../../../extension/grpc/proto-patterns.ts";
import { addProtoSource } from "../../../extension/grpc/proto-source.ts";
import { describedShop, source } from "../content/protobuf/shop.ts";

function declared(...texts: string[]): Descriptors {
  const builder = new DescriptorBuilder();
  for (const text of texts) addProtoSource(builder, text);
  return builder.finish();
}

test("a file declares what its descriptor says", () => {
  const own = declared(source);
  const { messages, enums, methods } = describedShop();
  const ofShop = <Value>(all: Map<string, Value>) =>
    new Map([...all].filter(([name]) => name.startsWith("shop.")));
  // protobuf.js leaves out the ending by which compilers name the entries of a map.
  const unended = [...own.messages].map(([name, { fields, isMapEntry }]) => {
    const all = [...fields].map(([number, field]) => {
      const typeName = field.typeName.replace(/Entry$/, "");
      return [number, { ...field, typeName }] as const;
    });
    return [name.replace(/Entry$/, ""), { fields: new Map(all), isMapEntry }] as const;
  });
  assert.deepEqual(new Map(unended), ofShop(messages));
  assert.deepEqual(own.enums, ofShop(enums));
  assert.deepEqual(own.methods, methods);
  assert.deepEqual(methods.get("shop.v1.Shop/Buy"), {
    request: "shop.v1.Order",
    response: "shop.v1.Scalars",
  });
});

test("names are looked up outwards, across files in any order; what is declared nowhere keeps its name", () => {
  const using = `syntax = "proto3"; package a.b; message Uses { Inner one = 1; c.Other two = 2; x.Y three = 3; Kind four = 4;
    message Inner {} optional string five = 5 [json_name = "FIVE"]; }`;
  const { messages } = declared(using, `package a.c; message Other {}`, `package a; enum Kind { NONE = 0; }`);
  const fields = [...(messages.get("a.b.Uses")?.fields.values() ?? [])];
  assert.deepEqual(
    fields.map(({ name, type, typeName }) => `${name} ${type} ${typeName}`),
    [
      "one message a.b.Uses.Inner",
      "two message a.c.Other",
      "three message x.Y",
      "four enum a.Kind",
      "FIVE string ",
    ],
  );
});

test("proto2's groups and extensions, and an edition", () => {
  const { messages } = declared(
    `syntax = "proto2"; package a; message Old { repeated group Part = 1 { optional int32 n = 2; } extensions 100 to max; }
     extend Old { optional string note = 100; }`,
    `edition = "2023"; package b; message New { int32 n = 1; }`,
  );
  const old = messages.get("a.Old")?.fields;
  assert.deepEqual([old?.get(1)?.typeName, old?.get(1)?.isRepeated], ["a.Old.Part", true]);
  assert.equal(old?.get(100)?.name, "[a.note]");
  assert.ok(messages.get("a.Old.Part")?.fields.has(2) && messages.get("b.New")?.fields.has(1));
});

test("what is no such file is refused, with the line", () => {
  assert.throws(() => declared('syntax = "proto3";\nmessage {'), /line 2/);
});

test("imports are found below any folder outwards, but not beyond the root; each file is read once", async () => {
  const texts = new Map([
    [
      "/w/api/shop/v1/shop.proto",
      'import "shop/v1/item.proto";\nimport public "near.proto"; import "gone.proto";',
    ],
    ["/w/api/shop/v1/item.proto", ' import weak "common/money.proto";\n// import "shop/v1/shop.proto";'],
    ["/w/api/shop/v1/near.proto", ""],
    ["/w/common/money.proto", 'import "outside.proto";'],
    ["/outside.proto", ""],
  ]);
  const asked: string[] = [];
  const { files, problem } = await withImports(["/w/api/shop/v1/shop.proto"], "/w", async (path) => {
    asked.push(path);
    return texts.get(path);
  });
  assert.equal(problem, undefined);
  assert.deepEqual(
    files.map(({ path }) => path),
    [
      "/w/api/shop/v1/shop.proto",
      "/w/api/shop/v1/item.proto",
      "/w/api/shop/v1/near.proto",
      "/w/common/money.proto",
    ],
  );
  assert.equal(new Set(asked).size, asked.length);
});

const folder = "file:///w";
const patterns: [entry: string, base: string | undefined, pattern?: string][] = [
  ["proto/**/*.proto", folder, "proto/**/*.proto"],
  ["./shop.proto", folder, "shop.proto"],
  ["shop.binpb", folder, "shop.binpb"],
  ["proto", folder, "proto/**/*.proto"],
  ["proto/", folder, "proto/**/*.proto"],
  ["/a b/c/d.proto", "file:///a%20b/c", "d.proto"],
  ["/a/*/d.proto", "file:///a", "*/d.proto"],
  ["/a", "file:///a", "**/*.proto"],
  ["", undefined],
];
for (const [entry, base, pattern] of patterns)
  test(`the setting ${entry || "that is empty"} means ${pattern ?? "nothing"}`, () => {
    assert.deepEqual(patternOf(entry, folder), base && { entry, base, pattern });
  });
test("without a folder only what is absolute means something", () => {
  assert.equal(patternOf("a.proto", undefined), undefined);
  assert.equal(patternOf("/a.proto", undefined)?.base, "file:///");
});
