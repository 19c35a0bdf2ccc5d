/** A filter's text in pieces, each with its place: what is wrong, and what is being typed, can be pointed at. */

/** `[start, end)` in the text. */
export interface Place {
  start: number;
  end: number;
}

/** One of the alternatives `a,b` of a condition. */
export type Value = Place & { text: string } & ({ kind: "text" } | { kind: "regex"; flags: string });

export interface Token extends Place {
  negated: boolean;
  /** Of `key:values`; undefined: free text. */
  key: string | undefined;
  /** None: nothing was typed yet. */
  values: Value[];
}

/**
 * Conditions stand apart by spaces. Spaces and commas in a value take quotes: `path:"a b"`. A text between slashes is a regular
 * expression if there is something in it that only those have, or flags behind it: `/api/` is a path.
 */
export function tokensOf(text: string, isKey: (name: string) => boolean): Token[] {
  const tokens: Token[] = [];
  for (let at = skipSpaces(text, 0); at < text.length; at = skipSpaces(text, at)) {
    const start = at;
    const negated = text[at] === "-" && /\S/.test(text[at + 1] ?? "");
    if (negated) at++;
    const [named = "", name = ""] = /^([a-z-]+):/i.exec(text.slice(at)) ?? [];
    const key = isKey(name.toLowerCase()) ? name.toLowerCase() : undefined;
    if (key !== undefined) at += named.length;
    const values: Value[] = [];
    for (;;) {
      const value = valueAt(text, at, key !== undefined);
      values.push(value);
      at = value.end;
      if (key === undefined || text[at] !== ",") break;
      at++;
    }
    tokens.push({ start, end: at, negated, key, values: values.filter((value) => value.text !== "") });
  }
  return tokens;
}

function skipSpaces(text: string, at: number): number {
  while (/\s/.test(text[at] ?? "")) at++;
  return at;
}

/** `isListed`: a comma ends it. */
function valueAt(text: string, start: number, isListed: boolean): Value {
  const rest = text.slice(start);
  const [quoted, inner] = /^"([^"]*)"?/.exec(rest) ?? [];
  if (quoted !== undefined) return { kind: "text", start, end: start + quoted.length, text: inner ?? "" };
  const [regex = "", source = "", flags = ""] =
    /^\/((?:\\.|\[(?:\\.|[^\]\\])*\]|[^/\\[])+)\/([a-z]*)(?=[\s,]|$)/.exec(rest) ?? [];
  if (/[\\^$*+?()[\]{}|]/.test(source) || flags !== "")
    return { kind: "regex", start, end: start + regex.length, text: source, flags };
  const bare = (isListed ? /^[^\s,]*/ : /^\S*/).exec(rest)?.[0] ?? "";
  return { kind: "text", start, end: start + bare.length, text: bare };
}
