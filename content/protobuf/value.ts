/** What a message says, in its order: an object of JavaScript would put names that are numbers first. */

export type Value =
  | { kind: "scalar"; value: string | number | bigint | boolean | null }
  | { kind: "list"; items: Value[] }
  | { kind: "object"; entries: [name: string, value: Value][] };

export function scalar(value: string | number | bigint | boolean | null): Value {
  return { kind: "scalar", value };
}

/** As JSON, indented. */
export function jsonText(value: Value, indent = ""): string {
  if (value.kind === "scalar") return scalarText(value.value);
  const inner = `${indent}  `;
  const lines =
    value.kind === "list"
      ? value.items.map((item) => inner + jsonText(item, inner))
      : value.entries.map(([name, each]) => `${inner}${JSON.stringify(name)}: ${jsonText(each, inner)}`);
  const [open, close] = value.kind === "list" ? ["[", "]"] : ["{", "}"];
  return lines.length === 0 ? open + close : `${open}\n${lines.join(",\n")}\n${indent}${close}`;
}

function scalarText(value: string | number | bigint | boolean | null): string {
  if (typeof value === "bigint") return String(value);
  return Object.is(value, -0) ? "-0" : JSON.stringify(value);
}
