/** What of the grid is in view, in rows: what is drawn, and what is asked for. */

/** Pixels. */
export const rowHeight = 22;
const headHeight = 24;
/** Rows beyond those in view that are asked for, each way. */
const margin = 40;

export interface Span {
  first: number;
  count: number;
}

export class Viewport {
  readonly #grid: () => HTMLElement | null;
  /** What was asked for. */
  #asked: Span = { first: 0, count: 0 };

  /** `grid`: what scrolls; `null` until it is drawn. */
  constructor(grid: () => HTMLElement | null) {
    this.#grid = grid;
  }

  get isAtTop(): boolean {
    return (this.#grid()?.scrollTop ?? 0) === 0;
  }

  /** The first row that is seen. */
  get top(): number {
    return Math.floor((this.#grid()?.scrollTop ?? 0) / rowHeight);
  }

  /** Rows that fit, at least one. */
  get page(): number {
    const height = this.#grid()?.clientHeight ?? 0;
    return Math.max(Math.floor((height - headHeight) / rowHeight), 1);
  }

  /** One more row may be seen in part at either end. */
  get seen(): Span {
    return { first: this.top, count: this.page + 2 };
  }

  get wanted(): Span {
    const { first, count } = this.seen;
    const begin = Math.max(first - margin, 0);
    return { first: begin, count: first + count + margin - begin };
  }

  /** What must be asked for, where what was asked for last comes to its end; undefined: nothing. */
  ask(): Span | undefined {
    const { first, count } = this.wanted;
    const asked = this.#asked;
    const slack = margin / 2;
    const isAbove = first < asked.first - slack || (first === 0 && asked.first > 0);
    const isBelow = first + count > asked.first + asked.count + slack;
    return isAbove || isBelow || asked.count === 0 ? (this.#asked = { first, count }) : undefined;
  }

  /** Scrolls no further than it takes. */
  bringIn(place: number): void {
    const grid = this.#grid();
    if (grid === null) return;
    const top = place * rowHeight;
    const room = grid.clientHeight - headHeight - rowHeight;
    if (top < grid.scrollTop) grid.scrollTop = top;
    else if (top > grid.scrollTop + room) grid.scrollTop = top - room;
  }
}
