/** What is looked for. */
import { mostQuery } from "../protocol/search.ts";

export interface Pattern {
  expression: RegExp;
  /** It may try one way after the other, for ever: it is the user's own. */
  mayBacktrack: boolean;
}

/** Those that change what matches. `/orders/me` is a path. */
const expression = /^\/(.+)\/([imsuv]*)$/s;

/** Throws a RangeError with words for a person. */
export function patternOf(query: string): Pattern {
  if (query === "") throw new RangeError("There is nothing to search for.");
  if (query.length > mostQuery)
    throw new RangeError(
      `Longer than ${mostQuery.toLocaleString("en-US")} characters can't be searched for.`,
    );
  const [, source, flags = ""] = expression.exec(query) ?? [];
  // With a bare slash in it, it is a path, and no expression.
  if (source === undefined || hasBareSlash(source))
    return { expression: new RegExp(escape(query), "iu"), mayBacktrack: false };
  try {
    return { expression: new RegExp(source, flags), mayBacktrack: true };
  } catch (error) {
    throw new RangeError(error instanceof Error ? error.message : String(error));
  }
}

/** As in JavaScript, one stands behind a backslash, or in a class. */
function hasBareSlash(source: string): boolean {
  return source.replaceAll(/\\.|\[(?:\\.|[^\]\\])*\]/gs, "").includes("/");
}

function escape(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
}
