/** JSON as it was sent: no number is rounded, no repeated name is dropped. */

/** Indentation costs the square of the depth: what is nested deeper stays as it was sent. */
const deepest = 200;

/** A string at the end may be cut. */
const tokens = /"(?:[^"\\]+|\\[^])*(?:"|\\?$)|[[\]{},:]|[^\s[\]{},:"]+/g;

/**
 * Re-indented JSON, or undefined when it isn't JSON. Only white space changes: parsing and printing would round long
 * numbers and drop repeated names, and show what was never sent.
 */
export function prettyJson(text: string): string | undefined {
  return isJson(text) ? indented(text.match(tokens) ?? []) : undefined;
}

/** Likewise of JSON that was cut somewhere; undefined where no JSON begins so. */
export function prettyBeginning(text: string): string | undefined {
  const all = text.match(tokens) ?? [];
  return beginsJson(all) ? indented(all) : undefined;
}

function indented(all: readonly string[]): string | undefined {
  let result = "";
  let depth = 0;
  const line = () => `\n${"  ".repeat(depth)}`;
  for (const [i, token] of all.entries()) {
    const [before, next] = [all[i - 1], all[i + 1]];
    if (token === "{" || token === "[") {
      if (++depth > deepest) return undefined;
      const empty = next === undefined || next === "}" || next === "]";
      result += empty ? token : token + line();
    } else if (token === "}" || token === "]") {
      depth--;
      const empty = before === "{" || before === "[";
      result += empty ? token : line() + token;
    } else if (token === ",") result += next === undefined ? token : token + line();
    else if (token === ":") result += ": ";
    else result += token;
  }
  return result;
}

/** Whether they are tokens with which JSON may begin. The last one may be cut. */
function beginsJson(all: readonly string[]): boolean {
  const open: string[] = [];
  let before: "start" | "open" | "name" | "colon" | "value" | "comma" = "start";
  for (const [i, token] of all.entries()) {
    const isFirst = before === "open" || before === "comma";
    const mayName = isFirst && open.at(-1) === "{";
    const mayValue = before === "start" || before === "colon" || (isFirst && !mayName);
    if (token === "{" || token === "[") {
      if (!mayValue) return false;
      open.push(token);
      before = "open";
    } else if (token === "}" || token === "]") {
      const isItsEnd = open.pop() === (token === "}" ? "{" : "[");
      if (!isItsEnd || (before !== "open" && before !== "value")) return false;
      before = "value";
    } else if (token === ",") {
      if (before !== "value" || open.length === 0) return false;
      before = "comma";
    } else if (token === ":") {
      if (before !== "name") return false;
      before = "colon";
    } else {
      if (!isJson(token) && (i < all.length - 1 || !isCut(token))) return false;
      if (mayName && token.startsWith('"')) before = "name";
      else if (mayValue) before = "value";
      else return false;
    }
  }
  return before !== "start";
}

/** A string's beginning, but for an escape that was cut. */
const cutString = /^("(?:[^"\\]|\\(?:u[\da-f]{4}|[^u]))*)(?:\\(?:u[\da-f]{0,3})?)?$/i;

/** Whether a string, a number or a word begins so. */
function isCut(token: string): boolean {
  if (token.startsWith('"')) return isJson(`${cutString.exec(token)?.[1]}"`);
  if (/^-?((0|[1-9]\d*)(\.\d*)?(e[+-]?\d*)?)?$/i.test(token)) return true;
  return ["true", "false", "null"].some((word) => word.startsWith(token));
}

export function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

export type JsonToken = "name" | "string" | "number" | "word";

/** The names and plain values of JSON, which may be cut or indented: what each is, and where, in characters. */
export function* jsonTokens(text: string): Generator<{ kind: JsonToken; start: number; end: number }> {
  for (const { 0: token, index } of text.matchAll(tokens)) {
    if (/^[[\]{},:]$/.test(token)) continue;
    const end = index + token.length;
    const isName = token.startsWith('"') && /^\s*:/.test(text.slice(end, end + 2));
    const kind = isName
      ? "name"
      : token.startsWith('"')
        ? "string"
        : /^[-\d]/.test(token)
          ? "number"
          : "word";
    yield { kind, start: index, end };
  }
}

/** The members of an object, their values as they were sent; of a repeated name the last. `text` is JSON. */
export function membersOf(text: string): Map<string, string> {
  const members = new Map<string, string>();
  for (const part of partsOf(text, "{")) {
    const name = /^\s*("(?:[^"\\]|\\.)*")\s*:/.exec(part);
    if (name !== null) members.set(JSON.parse(name[1]!) as string, part.slice(name[0].length).trim());
  }
  return members;
}

/** The items of an array, as they were sent; empty where it is none. `text` is JSON. */
export function itemsOf(text: string): string[] {
  return partsOf(text, "[").map((part) => part.trim());
}

/** What stands between the commas of the outermost object or array, which begins with `open`. */
function partsOf(text: string, open: "{" | "["): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (const { 0: token, index } of text.matchAll(tokens)) {
    if (depth === 0 && token !== open) return [];
    if (token === "{" || token === "[") {
      if (depth++ === 0) start = index + 1;
    } else if (token === "}" || token === "]") depth--;
    if (depth === 0 || (depth === 1 && token === ",")) {
      parts.push(text.slice(start, index));
      start = index + 1;
    }
  }
  return parts.length === 1 && parts[0]!.trim() === "" ? [] : parts;
}
