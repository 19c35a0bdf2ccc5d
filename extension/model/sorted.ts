/** Arrays that are kept in order. */

/** Where stands what `compare` calls equal (0), or would stand: it is negative for what comes before. */
export function placeIn<T>(
  sorted: readonly T[],
  compare: (item: T) => number,
): { at: number; found: boolean } {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const order = compare(sorted[middle]!);
    if (order === 0) return { at: middle, found: true };
    if (order < 0) low = middle + 1;
    else high = middle;
  }
  return { at: low, found: false };
}

/** Adds items in place, which are sorted too. What comes behind all others, as most does, costs nothing but itself. */
export function addSorted<T>(sorted: T[], items: readonly T[], compare: (a: T, b: T) => number): void {
  const [first] = items;
  if (first === undefined) return;
  const { at } = placeIn(sorted, (item) => compare(item, first));
  const rest = sorted.splice(at);
  let taken = 0;
  for (const item of items) {
    while (taken < rest.length && compare(rest[taken]!, item) < 0) sorted.push(rest[taken++]!);
    sorted.push(item);
  }
  for (; taken < rest.length; taken++) sorted.push(rest[taken]!);
}

/** Takes items out in place: those of `gone`, which is a part of it. */
export function removeAll<T>(list: T[], gone: ReadonlySet<T>): void {
  if (gone.size === 0) return;
  let kept = 0;
  for (const item of list) if (!gone.has(item)) list[kept++] = item;
  list.length = kept;
}
