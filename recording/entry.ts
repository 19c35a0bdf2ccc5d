/** An entry of a HAR as an exchange. Nothing that it says, or doesn't, is trusted: what can't be is absent or empty. */
import { foreignEntry } from "./foreign-entry.ts";
import { at, isObject, type Json } from "./json.ts";
import { isOurs, ourEntry } from "./our-entry.ts";
import type { RecordedExchange } from "./recorded-exchange.ts";

/** `about`: see HarIndex. */
export function readEntry(entry: Json, id: number, about: Json): RecordedExchange {
  const facts = isOurs(about) ? at(entry, "_tinytap") : undefined;
  return isObject(facts) ? ourEntry(entry, facts, id) : foreignEntry(entry, id, about);
}
