import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parseMediaType, parametersOf } from "../../../content/headers.ts";
import { kindOf, looksLikeText } from "../../../content/kind.ts";
import { pictureOf } from "../../../content/picture.ts";

const bytes = (text: string) => Uint8Array.from(Buffer.from(text, "latin1"));
const kind = (type: string, sample: string) => kindOf(parseMediaType(type), bytes(sample));

test("what a body is: by its media type, by a look at its bytes where that is vague", () => {
  const table: [type: string, sample: string, kind: string][] = [
    ["application/problem+json; charset=utf-8", "{}", "json"],
    ["APPLICATION/JSON", "no json", "json"],
    ["application/json", '{"a":1}\n{"a":2}', "lines"],
    ["application/json", '{\n"a":1}\n', "json"],
    ["application/x-ndjson", "", "lines"],
    ["application/jsonl", "{", "lines"],
    ["application/json-seq", "\x1e{}", "lines"],
    ["application/stream+json", "{}", "lines"],
    ["application/x-www-form-urlencoded", "a=b", "form"],
    ["multipart/form-data; boundary=x", "--x", "multipart"],
    ["application/graphql", "{ a }", "graphql"],
    ["application/vnd.msgpack", "\x80", "msgpack"],
    ["application/cbor", "\xa0", "cbor"],
    ["application/senml+cbor", "\xa0", "cbor"],
    ["image/svg+xml", "<svg>", "image"],
    ["image/png", "\x89PNG\r\n\x1a\n", "image"],
    ["image/png", "\xff\xd8\xff", "image"],
    ["application/octet-stream", "GIF89a", "image"],
    ["image/png", "no picture", "text"],
    ["image/heic", "\0\0\0\x18ftypheic", "bytes"],
    ["TEXT/HTML", "<p>", "text"],
    ["text/html", '{"a":1}', "text"],
    ["text/plain", '{"a":1}', "json"],
    ["text/plain", "[1, 2]", "json"],
    ["text/plain", "[main] started", "text"],
    ["text/plain", "\xe9t\xe9", "text"],
    ["text/csv", "\0", "text"],
    ["application/javascript", "x", "text"],
    ["application/xhtml+xml", "x", "text"],
    ["application/octet-stream", "plain", "text"],
    ["application/octet-stream", "\x01\x02\0", "bytes"],
    ["", '{"a":1}\r\n{"b":2', "lines"],
    ["", "caf\xc3", "text"],
    ["", "\xff\xfea\0", "text"],
    ["", "", "bytes"],
    ["application/pdf", "%PDF\x01", "bytes"],
  ];
  for (const [type, sample, expected] of table)
    assert.equal(kind(type, sample), expected, `${type} ${sample}`);
});

test("a control character makes it no text, a colour of a terminal does not", () => {
  assert.ok(looksLikeText(bytes("\x1b[31mred\x1b[0m\t\r\n")));
  for (const control of ["\0", "\x07", "\x1f"]) assert.ok(!looksLikeText(bytes(`a${control}`)));
});

test("parameters of headers: in quotation marks, escaped, repeated, cut", () => {
  const all = (text: string) => [...parametersOf(text)];
  assert.deepEqual(all('a/b; X=1 ;y="a;\\"b\\\\";x=2'), [
    ["x", "1"],
    ["y", 'a;"b\\'],
  ]);
  assert.deepEqual(all('form-data; name="a\\"; filename="C:\\b\\"'), [
    ["name", "a\\"],
    ["filename", "C:\\b\\"],
  ]);
  assert.deepEqual(all('form-data; name="cut'), [["name", "cut"]]);
  assert.deepEqual(all("a/b"), []);
});

test("pictures by their first bytes, with their size where these tell it", () => {
  const png = Buffer.from("89504e470d0a1a0a0000000d49484452000002800000001e", "hex");
  assert.deepEqual(pictureOf(png), { type: "image/png", width: 640, height: 30 });
  assert.deepEqual(pictureOf(png.subarray(0, 20)), { type: "image/png" });
  assert.deepEqual(pictureOf(bytes("GIF89a\x02\x01\x05\0")), { type: "image/gif", width: 258, height: 5 });
  const jpeg = bytes("\xff\xd8\xff\xe0\0\x04\0\0\xff\xff\xc2\0\x11\x08\0\x10\0\x20\x03\0\0");
  assert.deepEqual(pictureOf(jpeg), { type: "image/jpeg", width: 32, height: 16 });
  assert.deepEqual(pictureOf(jpeg.subarray(0, 9)), { type: "image/jpeg" });
  const lossless = bytes("RIFF____WEBPVP8L____\x2f\x09\xc0\x04\x10________");
  assert.deepEqual(pictureOf(lossless), { type: "image/webp", width: 10, height: 20 });
  const extended = bytes(`RIFF____WEBPVP8X${"_".repeat(8)}\xff\x01\0\x0f\0\0`);
  assert.deepEqual(pictureOf(extended), { type: "image/webp", width: 512, height: 16 });
  assert.deepEqual(pictureOf(bytes("\0\0\x01\0\x01\0\x10\0")), {
    type: "image/x-icon",
    width: 16,
    height: 256,
  });
  fc.assert(
    fc.property(
      fc.constantFrom(png, jpeg, extended),
      fc.uint8Array({ maxLength: 40 }),
      fc.nat(),
      (head, tail, cut) => {
        pictureOf(Buffer.concat([head.subarray(0, cut % (head.length + 1)), tail]));
      },
    ),
  );
});
