/** JSON as it was sent: no number is rounded, no repeated name is dropped. */

/** Indentation costs the square of the depth: what is nested deeper stays as it was sent. */
const deepest = 200;

const tokens = /"(?:[^"\\]|\\.)*"|[[\]{},:]|[^\s[\]{},:"]+/g;

/**
 * Re-indented JSON, or undefined when it isn't JSON. Only white space changes: parsing and printing would round long
 * numbers and drop repeated names, and show what was never sent.
 */
export function prettyJson(text: string): string | undefined {
  if (!isJson(text)) return undefined;
  const all = text.match(tokens) ?? [];
  let result = "";
  let depth = 0;
  const line = () => `\n${"  ".repeat(depth)}`;
  for (const [i, token] of all.entries()) {
    if (token === "{" || token === "[") {
      if (++depth > deepest) return undefined;
      const empty = all[i + 1] === "}" || all[i + 1] === "]";
      result += empty ? token : token + line();
    } else if (token === "}" || token === "]") {
      depth--;
      const empty = all[i - 1] === "{" || all[i - 1] === "[";
      result += empty ? token : line() + token;
    } else if (token === ",") result += token + line();
    else if (token === ":") result += ": ";
    else result += token;
  }
  return result;
}

export function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
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
