/** What can be asked of a row: the keys of a filter, what each compares, and how each is said. */
import { isError } from "../../../protocol/states.ts";
import { statusText } from "../../../protocol/row-text.ts";
import type { ExchangeRow } from "../exchange-row.ts";
import { patternOf, type Pattern } from "./pattern.ts";
import { codesOf, sizeOf, timeOf } from "./quantity.ts";
import type { Value } from "./tokens.ts";

/** What only whoever keeps an exchange can tell: it looks into its heads and bodies. */
export interface Question {
  about: "header" | "body";
  value: Value;
}

export interface Condition {
  /** As part of a sentence: the first where it must hold, the second where it must not. */
  words: [holds: string, not: string];
  /** What a row itself tells. */
  test?(row: ExchangeRow): boolean;
  /** What it doesn't: one of these must hold. */
  questions?: Question[];
}

interface Key {
  /** What it asks, for whoever completes it. */
  about: string;
  /** Values that show what can be asked, besides those that rows have. */
  examples: string[];
  /** The value that a row has. */
  valueIn?(row: ExchangeRow): string | number | undefined;
  /** Throws, in words, where it is no such value. There is at least one. */
  condition(values: readonly Value[]): Condition;
}

const facts: Record<string, { words: [string, string]; about: string; test(row: ExchangeRow): boolean }> = {
  running: {
    words: ["in flight", "not in flight"],
    about: "has not ended",
    test: ({ state }) => state === "in-flight",
  },
  error: {
    words: ["failed", "not failed"],
    about: "4xx, 5xx, a failed gRPC call, or broken off",
    test: isError,
  },
  gap: {
    words: ["with bytes lost", "without bytes lost"],
    about: "bytes are missing",
    test: ({ missing, headCut, state }) => missing > 0 || headCut !== undefined || state === "lost",
  },
  sendfile: {
    words: ["sent by sendfile", "not sent by sendfile"],
    about: "body by sendfile or splice",
    test: ({ bySendfile }) => bySendfile === true,
  },
  client: {
    words: ["made by the program", "not made by the program"],
    about: "the program asked",
    test: ({ role }) => role === "client",
  },
};

export const keys: Record<string, Key> = {
  method: {
    about: "the request's method",
    examples: [],
    valueIn: ({ method }) => method,
    condition: (values) => {
      const wanted = values.map(({ text }) => text.toUpperCase());
      return {
        words: [`method ${or(wanted)}`, `method not ${or(wanted)}`],
        test: ({ method }) => method !== undefined && wanted.includes(method.toUpperCase()),
      };
    },
  },
  status: {
    about: "the response's code",
    examples: [">=400", "404", "5xx"],
    valueIn: ({ status }) => status,
    condition: (values) => {
      const codes = values.map(({ text }) => codesOf(text));
      const words = or(codes.map((each) => each.words));
      return {
        words: [`status ${words}`, `status not ${words}`],
        test: ({ status }) => status !== undefined && codes.some((each) => each.test(status)),
      };
    },
  },
  path: textKey("path", "a part of path or query", ({ target }) => target, "with"),
  host: textKey("host", "a part of the Host header", ({ host }) => host, "with"),
  mime: textKey("type", "a part of the response's type", (row) => row.contentType),
  process: textKey("process", "a part of the process's name", (row) => row.process),
  "larger-than": {
    about: "a body of more bytes",
    examples: ["100kB", "1MB"],
    condition: (values) => {
      const { value, words } = sizeOf(only(values));
      return {
        words: [`a body larger than ${words}`, `no body larger than ${words}`],
        test: ({ size, requestSize }) => Math.max(size, requestSize) > value,
      };
    },
  },
  "slower-than": {
    about: "ended after more time",
    examples: ["100ms", "1s"],
    condition: (values) => {
      const { value, words } = timeOf(only(values));
      return {
        words: [`slower than ${words}`, `not slower than ${words}`],
        test: ({ duration = 0 }) => duration > value,
      };
    },
  },
  is: {
    about: "what has become of it",
    examples: Object.keys(facts),
    condition: (values) => {
      const wanted = values.map(({ text }) => {
        const fact = facts[text.toLowerCase()];
        if (fact === undefined) throw new Error(`there is no is:${text}, but is:${or(Object.keys(facts))}`);
        return fact;
      });
      return {
        words: [
          or(wanted.map(({ words: [holds] }) => holds)),
          wanted.map(({ words: [, not] }) => not).join(", "),
        ],
        test: (row) => wanted.some((fact) => fact.test(row)),
      };
    },
  },
  "has-header": {
    about: "a header of either side",
    examples: ["authorization"],
    condition: (values) => asking("header", values, "a header"),
  },
  body: {
    about: "text in either body",
    examples: ['"out of stock"'],
    condition: (values) => asking("body", values, "a body with"),
  },
};

export function isKey(name: string): boolean {
  return Object.hasOwn(keys, name);
}

/** Of `is:`, for whoever completes it. */
export function factAbout(name: string): string | undefined {
  return facts[name]?.about;
}

/** Free text: in the line of the request, the code, or the type. */
export function textCondition(values: readonly Value[]): Condition {
  const patterns = values.map(patternOf);
  const words = or(patterns.map((each) => each.words));
  return {
    words: [words, `without ${words}`],
    test: (row) => {
      const { method = "", host = "", target = "", contentType = "" } = row;
      const status = row.status === undefined ? "" : statusText(row);
      const text = `${method} ${host}${target} ${status} ${contentType}`;
      return patterns.some((each) => each.test(text));
    },
  };
}

function textKey(
  name: string,
  about: string,
  valueIn: (row: ExchangeRow) => string | undefined,
  preposition?: string,
): Key {
  return {
    ...{ about, examples: [], valueIn },
    condition: (values) => {
      const patterns = values.map(patternOf);
      const words = or(patterns.map((each, i) => plain(each, values[i]!)));
      return {
        words: [[name, preposition, words].filter(Boolean).join(" "), `${name} without ${words}`],
        test: (row) => {
          const text = valueIn(row);
          return text !== undefined && patterns.some((each) => each.test(text));
        },
      };
    },
  };
}

function asking(about: Question["about"], values: readonly Value[], words: string): Condition {
  const wanted = or(values.map((value) => (about === "header" ? value.text : patternOf(value).words)));
  return {
    words: [`${words} ${wanted}`, `${words.replace(/^a /, "no ")} ${wanted}`],
    questions: values.map((value) => ({ about, value })),
  };
}

/** A text that stands for itself takes no quotes. */
function plain(pattern: Pattern, { kind, text }: Value): string {
  return kind === "text" && !/\s/.test(text) ? text : pattern.words;
}

function only(values: readonly Value[]): string {
  const [value, second] = values;
  if (second !== undefined) throw new Error("it takes one value");
  return value?.text ?? "";
}

function or(words: readonly string[]): string {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;
}
