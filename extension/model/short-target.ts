/** A request's target in the room of a row: the least telling parts give way. */

/** Segments up to this length, often bare numbers, say little without the one before. */
const tiny = 5;

/**
 * At most `limit` characters: the query is cut first, but for its beginning; then the path's middle, then its start.
 * e.g. `/api/…/orders/17?…`
 */
export function shortTarget(target: string, limit: number): string {
  if (target.length <= limit) return target;
  const [path = ""] = target.split("?", 1);
  if (path.length + 2 <= limit) return `${target.slice(0, limit - 1)}…`;
  const query = path.length < target.length ? "?…" : "";
  const parts = path.split("/");
  const [before = "", last = ""] = parts.slice(-2);
  const end = last.length <= tiny && parts.length > 3 ? `${before}/${last}` : last;
  const shorter = [...(parts.length > 3 ? [`${parts.slice(0, 2).join("/")}/…/${end}`] : []), `/…/${end}`];
  const fitting = shorter.find((each) => each.length + query.length <= limit);
  return (fitting ?? `…${end.slice(query.length + 1 - limit)}`) + query;
}
