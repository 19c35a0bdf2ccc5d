import { mostHits, mostIds, type SearchParams } from "../../protocol/search.ts";
import { integer, list, oneOf } from "./options.ts";

/** Throws an Error that names the parameter that is wrong. The query is the search's to judge. */
export function checkSearch(given: Record<string, unknown>): SearchParams {
  const { query, within, ids, before, since, limit } = given;
  if (typeof query !== "string") throw new TypeError("query must be a text");
  const id = (value: unknown, name: string) => integer(value, name, 0, Number.MAX_SAFE_INTEGER);
  const params: SearchParams = { query };
  if (within !== undefined) params.within = oneOf(within, "within", ["heads", "bodies"]);
  if (ids !== undefined) {
    params.ids = list(ids, "ids").map((each) => id(each, "ids"));
    if (params.ids.length > mostIds) throw new RangeError(`ids must be ${mostIds} at most`);
  }
  if (before !== undefined) params.before = id(before, "before");
  if (since !== undefined) params.since = id(since, "since");
  if (limit !== undefined) params.limit = integer(limit, "limit", 1, mostHits);
  return params;
}
