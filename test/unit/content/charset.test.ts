import assert from "node:assert/strict";
import { test } from "node:test";
import { charsetOf, decodeText } from "../../../content/charset.ts";
import { parseMediaType } from "../../../content/headers.ts";
import { growth } from "../growth.ts";

const bytes = (text: string) => Uint8Array.from(Buffer.from(text, "latin1"));
const utf16 = (text: string) => Uint8Array.from(Buffer.from(text, "utf16le"));
const of = (type: string, sample: Uint8Array) => {
  const { label, by } = charsetOf(sample, parseMediaType(type));
  return `${label} by ${by}`;
};

test("the charset: by mark, header, declaration; else UTF-8 where it is, else windows-1252, said to be assumed", () => {
  assert.equal(of("text/plain; charset=latin1", bytes("\xef\xbb\xbfx")), "utf-8 by mark");
  assert.equal(of("text/plain", bytes("\xff\xfex\0")), "utf-16le by mark");
  assert.equal(of("text/plain", bytes("\xfe\xff\0x")), "utf-16be by mark");
  assert.equal(of('text/plain; charset="ISO-8859-1"', bytes("x")), "windows-1252 by header");
  assert.equal(of("text/html; Charset=Shift_JIS", bytes('<meta charset="utf-8">')), "shift_jis by header");
  assert.equal(of("text/plain; charset=no-such", bytes("x")), "utf-8 by bytes");
  assert.equal(of("text/xml", bytes('<?xml version="1.0" encoding="koi8-r"?>')), "koi8-r by declaration");
  assert.equal(of("", bytes("<?xml version='1.0' encoding='koi8-r'?>")), "koi8-r by declaration");
  assert.equal(of("text/xml", utf16('<?xml version="1.0"?>')), "utf-16le by declaration");
  assert.equal(of("text/html", bytes("<p><META  CharSet = 'euc-kr'>")), "euc-kr by declaration");
  assert.equal(
    of("", bytes('<!DOCTYPE html><meta http-equiv="Content-Type" content="text/html; charset=big5">')),
    "big5 by declaration",
  );
  assert.equal(of("text/html", bytes("<meta charset=utf-16>")), "utf-8 by declaration");
  assert.equal(of("text/plain", bytes('<meta charset="koi8-r">')), "utf-8 by bytes");
  assert.equal(of("text/plain", Uint8Array.from(Buffer.from("é")).subarray(0, 1)), "utf-8 by bytes");
  assert.equal(of("text/plain", bytes("caf\xe9!")), "windows-1252 by assumed");
});

test("a page of nothing but comments costs no more than its length", () => {
  assert.equal(of("", bytes("<!---->".repeat(140))), "utf-8 by bytes");
  assert.equal(of("", bytes(`${"<!---->".repeat(20)}<html><meta charset=big5>`)), "big5 by declaration");
  assert.ok(growth((count) => of("", bytes("<!---->".repeat(count))), 10, 14) < 7);
});

test("bytes become text by their charset; what isn't of it is marked, a mark is left out", () => {
  assert.equal(decodeText(bytes("\x80\x93\xe4"), "windows-1252"), "€“ä");
  assert.equal(decodeText(bytes("a\xffb\xc3"), "utf-8"), "a\ufffdb\ufffd");
  assert.equal(decodeText(bytes("\xef\xbb\xbfa"), "utf-8"), "a");
  assert.equal(decodeText(bytes("\x82\xa0"), "shift_jis"), "あ");
});
