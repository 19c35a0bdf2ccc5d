/** One way to show a body. */
export interface ContentView {
  readonly element: HTMLElement;
  /** Brings it up to date; what hasn't changed stays in place, and with it what is selected there. */
  update(): Promise<void>;
  /** Goes to a place and marks it. False where it can't show places. */
  show?(place: Place): Promise<boolean>;
  /** Finds a text in what it shows, drawn or not. Undefined where it can't. */
  find?(text: string, signal: AbortSignal): Promise<Found | undefined>;
}

/** `[start, end)`, in bytes of the body where the view shows that. */
export interface Place {
  start: number;
  end: number;
}

export interface Found {
  places: Place[];
  /** What is to be said of what isn't among them. */
  notes: string[];
}

/** Finds a text in bytes. */
export type Find = (text: string, signal: AbortSignal) => Promise<Found>;

/** How far a person has gone into a body: what is kept while the panel is hidden. */
export interface Reading {
  /** Pages, from 0, of the text and of the hex dump. */
  textPage: number;
  hexPage: number;
}

export const beginning: Reading = { textPage: 0, hexPage: 0 };
