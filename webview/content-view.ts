/** One way to show a body. */
export interface ContentView {
  readonly element: HTMLElement;
  /** Brings it up to date; what hasn't changed stays in place, and with it what is selected there. */
  update(): Promise<void>;
}

/** How far a person has gone into a body: what is kept while the panel is hidden. */
export interface Reading {
  /** Bytes or characters of text shown. */
  shown: number;
  /** Of the hex dump. */
  page: number;
}
