/** What a captured text is compared with. */
import { messageOf } from "../message-of.ts";
import type { Value } from "./tokens.ts";

/** Characters of a captured text that are looked at: a regular expression may take long for many. */
const mostSearched = 4096;

export interface Pattern {
  /** As it is read: “shoes”, or /sho+es/i. */
  words: string;
  test(text: string): boolean;
}

/** A text is looked for anywhere, in capitals or not. Throws where the regular expression isn't one. */
export function patternOf(value: Value): Pattern {
  const regex =
    value.kind === "regex" ? regexOf(value.text, value.flags) : new RegExp(escaped(value.text), "iu");
  const words = value.kind === "regex" ? `/${value.text}/${value.flags}` : `“${value.text}”`;
  return {
    words,
    test: (text) => regex.test(text.length > mostSearched ? text.slice(0, mostSearched) : text),
  };
}

/** Of a text the regular expression that it stands for itself in. */
export function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\/]/g, "\\$&");
}

function regexOf(source: string, flags: string): RegExp {
  // Those with a memory of where they were would find each other match only.
  const unfit = /[^ismuv]/.exec(flags)?.[0];
  if (unfit !== undefined) throw new Error(`a regular expression can't have the flag ${unfit} here`);
  try {
    return new RegExp(source, flags);
  } catch (error) {
    throw new Error(messageOf(error).replace(/^Invalid regular expression: /, "no regular expression: "));
  }
}
