import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { mediaTypeOf, parseMediaType } from "../../../content/headers.ts";
import { parseMultipart, type Part } from "../../../content/multipart.ts";
import { growth } from "../growth.ts";

const lines = (...all: string[]) => Buffer.from(all.join("\r\n"));
const form = (bytes: Uint8Array, boundary = "x") =>
  parseMultipart(bytes, parseMediaType(`multipart/form-data; boundary=${boundary}`));
const contentOf = (bytes: Uint8Array, { start, end }: Part) =>
  Buffer.from(bytes.subarray(start, end)).toString();

test("a form with files, as FormData writes it, is what was put in", async () => {
  // Two backslashes may be one that is escaped, and one at the end may escape the quotation mark.
  const text = fc
    .string({ unit: "grapheme", minLength: 1, maxLength: 12 })
    .filter((each) => !/\\(?:\\|$)/.test(each));
  const field = fc.record({
    name: text,
    content: fc.uint8Array({ maxLength: 60 }),
    filename: fc.option(text),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(field, { minLength: 1, maxLength: 5 }), async (fields) => {
      const data = new FormData();
      for (const { name, content, filename } of fields)
        if (filename === null) data.append(name, Buffer.from(content).toString("hex"));
        else data.append(name, new Blob([content]), filename);
      const response = new Response(data);
      const bytes = new Uint8Array(await response.arrayBuffer());
      const type = mediaTypeOf([...response.headers]);
      const parsed = parseMultipart(bytes, type);
      assert.equal(parsed?.isWhole, true);
      const seen = parsed?.parts.map((part) => [part.name, part.filename, bytes.slice(part.start, part.end)]);
      // In a form, line ends are CRLF.
      const sent = (text: string) => text.replaceAll(/\r\n|\r|\n/g, "\r\n");
      assert.deepEqual(
        seen,
        fields.map(({ name, content, filename }) => [
          sent(name),
          filename ?? undefined,
          filename === null ? new TextEncoder().encode(Buffer.from(content).toString("hex")) : content,
        ]),
      );
    }),
    { numRuns: 200 },
  );
});

test("parts: names, odd file names, headers that go on, types, sizes, bare line feeds", () => {
  const bytes = Buffer.concat([
    lines(
      "a preamble",
      "--x",
      'Content-Disposition: form-data; name="a%22b\\"c"',
      "",
      "one",
      "--xy",
      "two",
      "--x  ",
      "",
    ),
    lines(
      "content-disposition: form-data; name=f; filename=\"plain.txt\"; filename*=UTF-8'en'na%C3%AFve%20%2F.txt",
    ),
    lines("", "Content-Type: text/plain;", "\tcharset=latin1", "", "", "--x", ""),
    lines('Content-Disposition: form-data; name="p"; filename="C:\\dir\\file.bin"', "no header", "", "\r\n"),
    Buffer.from('\n--x\nContent-Disposition: form-data; name="é"\n\nlf\n--x--\nepilogue --x'),
  ]);
  const parsed = form(bytes);
  assert.equal(parsed?.isWhole, true);
  assert.deepEqual(
    parsed?.parts.map((part) => [part.name, part.filename, part.type.name, contentOf(bytes, part)]),
    [
      ['a"b"c', undefined, "", "one\r\n--xy\r\ntwo"],
      ["f", "naïve /.txt", "text/plain", ""],
      ["p", "C:\\dir\\file.bin", "", "\r\n"],
      ["é", undefined, "", "lf"],
    ],
  );
  assert.equal(parsed?.parts[1]?.type.parameters.get("charset"), "latin1");
});

test("nested, without a boundary told, and none at all", () => {
  const inner = lines("--y", 'Content-Disposition: file; filename="1"', "", "one", "--y", "", "two", "--y--");
  const bytes = Buffer.concat([
    lines("--x", "Content-Type: multipart/mixed; boundary=y", "", ""),
    inner,
    lines("", "--x--"),
  ]);
  const nested = form(bytes)?.parts[0]?.parts ?? [];
  assert.deepEqual(
    nested.map((part) => [part.filename, contentOf(bytes, part)]),
    [
      ["1", "one"],
      [undefined, "two"],
    ],
  );
  const untold = parseMultipart(bytes, parseMediaType("multipart/form-data"));
  assert.deepEqual(untold, form(bytes));
  assert.equal(form(Buffer.from("no parts")), undefined);
  assert.equal(parseMultipart(new Uint8Array(0), parseMediaType("multipart/form-data")), undefined);
});

test("cut at every byte: the parts before stand, the last says that it is cut", () => {
  const bytes = lines(
    "--x",
    'Content-Disposition: form-data; name="a"',
    "",
    "one",
    "--x",
    'content-disposition: form-data; name="b"; filename="f"',
    "",
    "two\r",
    "--x--",
    "",
  );
  const whole = form(bytes)?.parts ?? [];
  const contents = ["one", "two\r"];
  for (let end = 0; end < bytes.length; end++) {
    const cut = bytes.subarray(0, end);
    const parsed = form(cut);
    if (parsed === undefined) continue;
    assert.equal(parsed.isWhole, end >= bytes.length - 2, `to ${end}`);
    for (const [i, part] of parsed.parts.entries()) {
      assert.equal(part.isCut, !parsed.isWhole && i === parsed.parts.length - 1);
      assert.ok(contents[i]?.startsWith(contentOf(cut, part)), `to ${end}: ${contentOf(cut, part)}`);
      if (!part.isCut) assert.deepEqual(part, { ...whole[i], isCut: false });
    }
  }
});

test("any bytes: no throw, and parts lie within the bytes, one after the other", () => {
  const noise = fc
    .array(
      fc.oneof(
        fc.constantFrom("--x", "--x--", "\r\n", "\n", ":", "a: b", "content-type: multipart/a", " "),
        fc.string({ maxLength: 5 }),
      ),
      { maxLength: 40 },
    )
    .map((all) => Buffer.from(all.join("")));
  const check = (parts: Part[], from: number, to: number) => {
    for (const { start, end, parts: inner } of parts) {
      assert.ok(from <= start && start <= end && end <= to);
      check(inner ?? [], start, end);
      from = end;
    }
  };
  fc.assert(
    fc.property(noise, (bytes) => check(form(bytes)?.parts ?? [], 0, bytes.length)),
    { numRuns: 2000 },
  );
});

test("very many parts are told up to a limit; they, and an endless boundary, cost no more than their length", () => {
  const parts = (count: number) => form(Buffer.from("--x\n\n\n".repeat(count)));
  assert.deepEqual([parts(100_000)?.parts.length, parts(100_000)?.isWhole], [1000, false]);
  const endless = (length: number) =>
    parseMultipart(Buffer.from(`--${" ".repeat(length)}`), parseMediaType(""));
  assert.equal(endless(1_000_000), undefined);
  for (const work of [parts, endless]) assert.ok(growth(work, 1000, 50) < 10);
});
