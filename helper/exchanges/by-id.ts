const pageSize = 1024;

interface Page<T> {
  readonly items: (T | undefined)[];
  count: number;
}

/**
 * Things by their numbers, which ascend and go in about the order in which they came: in pages that are given back as a
 * whole, as a map has to be tidied up after each few of them.
 */
export class ById<T> {
  size = 0;
  readonly #pages = new Map<number, Page<T>>();

  get(id: number): T | undefined {
    return this.#pages.get(Math.floor(id / pageSize))?.items[id % pageSize];
  }

  /** Of a number that is new. */
  add(id: number, item: T): void {
    const number = Math.floor(id / pageSize);
    let page = this.#pages.get(number);
    if (page === undefined) {
      page = { items: [], count: 0 };
      this.#pages.set(number, page);
    }
    page.items[id % pageSize] = item;
    page.count++;
    this.size++;
  }

  delete(id: number): void {
    const number = Math.floor(id / pageSize);
    const page = this.#pages.get(number);
    if (page?.items[id % pageSize] === undefined) return;
    page.items[id % pageSize] = undefined;
    this.size--;
    if (--page.count === 0) this.#pages.delete(number);
  }

  /** In ascending order. */
  *values(): Iterable<T> {
    for (const { items } of this.#pages.values())
      for (const item of items) if (item !== undefined) yield item;
  }
}
