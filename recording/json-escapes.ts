/** The bytes that a JSON string's inside stands for, as UTF-8. */

const simple: Record<string, number> = {
  ...{ '"': 0x22, "\\": 0x5c, "/": 0x2f },
  ...{ b: 0x08, f: 0x0c, n: 0x0a, r: 0x0d, t: 0x09 },
};
const backslash = 0x5c;
/** Bytes of the longest escape: a character beyond the first 65,536 takes two. */
const longest = 12;

/**
 * Decodes `raw`. `rest`: the beginning of an escape whose end is still to come; none where `isLast`. An escape that is none
 * stays as it is, and half of a pair becomes U+FFFD.
 */
export function decodedEscapes(raw: Buffer, isLast: boolean): { bytes: Buffer; rest: Buffer } {
  // No escape is shorter than what it stands for.
  const out = Buffer.allocUnsafe(raw.length);
  let length = 0;
  let at = 0;
  while (at < raw.length) {
    const next = raw.indexOf(backslash, at);
    const end = next < 0 ? raw.length : next;
    length += raw.copy(out, length, at, end);
    at = end;
    if (next < 0) break;
    if (!isLast && raw.length - next < longest && mayGoOn(raw.toString("latin1", next))) break;
    const [used, character] = decodedEscape(raw.toString("latin1", next, next + longest));
    length +=
      character === undefined ? raw.copy(out, length, next, next + used) : out.write(character, length);
    at = next + used;
  }
  return { bytes: out.subarray(0, length), rest: Buffer.from(raw.subarray(at)) };
}

/** Whether bytes that are still to come can belong to the escape with which `text` begins. */
function mayGoOn(text: string): boolean {
  return (
    /^\\(?:u[\da-f]{0,3})?$/i.test(text) || /^\\ud[89ab][\da-f]{2}(?:\\(?:u[\da-f]{0,3})?)?$/i.test(text)
  );
}

/** How many characters of `text` the escape takes with which it begins, and what it stands for. */
function decodedEscape(text: string): [used: number, character: string | undefined] {
  const pair = /^\\u(d[89ab][\da-f]{2})\\u(d[c-f][\da-f]{2})/i.exec(text);
  if (pair !== null) return [12, String.fromCharCode(parseInt(pair[1]!, 16), parseInt(pair[2]!, 16))];
  const one = /^\\u([\da-f]{4})/i.exec(text);
  // A lone half is written as U+FFFD, as Buffer does: three bytes for six.
  if (one !== null) return [6, String.fromCharCode(parseInt(one[1]!, 16))];
  const known = simple[text[1] ?? ""];
  return known === undefined ? [1, undefined] : [2, String.fromCharCode(known)];
}
