/** What is said with one page of the table, from when it stands to when it is thrown away: rows at a pace that it can follow. */
import type { FromTable, ToTable } from "../../protocol/table.ts";
import { isAction, type Action } from "./actions.ts";
import { complete } from "./filter/completion.ts";
import { Pace } from "./pace.ts";
import type { ExchangeKey } from "./run.ts";
import { TableModel, type TableSurroundings } from "./table.ts";

/** Milliseconds that typing rests before rows are hidden by it. */
const typingRest = 120;

export interface TableSessionSurroundings extends TableSurroundings {
  /** Shows an exchange; `focus`: the keyboard goes there. */
  open(key: ExchangeKey, focus: boolean): void;
  /** To the page. */
  post(message: ToTable): void;
  /** The reader wants what was proposed where no row was. */
  act(action: Action): void;
  /** The page is seen: what isn't hears nothing. */
  isSeen(): boolean;
}

export class TableSession {
  readonly #surroundings: TableSessionSurroundings;
  readonly #model: TableModel;
  readonly #subscriptions: { dispose(): void }[];
  /** The page is there, and has said so. */
  #stands = false;
  #isFocused = false;
  #pace = new Pace();
  #timer: NodeJS.Timeout | undefined;
  #typing: NodeJS.Timeout | undefined;

  constructor(surroundings: TableSessionSurroundings) {
    this.#surroundings = surroundings;
    this.#model = new TableModel(surroundings);
    const { exchanges, recordings, filter, situation } = surroundings;
    this.#subscriptions = [
      this.#model,
      exchanges.listed.onChange(() => this.schedule()),
      recordings.onChange(() => this.schedule()),
      situation.onChange(() => this.schedule()),
      filter.onChange(() => {
        this.#model.show();
        this.#send();
      }),
      filter.onAnswer((rows) => {
        this.#model.reconsider(rows);
        this.schedule();
      }),
    ];
  }

  /** The page was thrown away, or another one comes. */
  end(): void {
    this.#stands = false;
  }

  /** The keyboard goes to the rows, as soon as the page stands. */
  focus(): void {
    this.#isFocused = true;
    if (this.#stands) this.#giveFocus();
  }

  /** All that was captured, one run, or a recording: by the id of a row of the tree. */
  show(scope: string): void {
    this.#model.show(scope);
    this.#send();
  }

  take(message: FromTable): void {
    switch (message.type) {
      case "ready":
        this.#stands = true;
        this.#pace = new Pace();
        this.#model.begin(message);
        this.#send();
        return this.#giveFocus();
      case "taken":
        return this.#taken();
      case "look":
        this.#model.look(message.first, message.count);
        return this.#send();
      case "sort":
        this.#model.sort(message.sorting);
        return this.#send();
      case "follow":
        this.#model.follow();
        return this.#send();
      case "hold":
        this.#model.hold(message.newest as ExchangeKey | undefined);
        return this.#send();
      case "select":
        return this.#select(message);
      case "filter":
        clearTimeout(this.#typing);
        this.#typing = setTimeout(() => this.#surroundings.filter.set(message.text), typingRest);
        return;
      case "complete": {
        const completions = complete(message.text, message.caret, this.#model.rows);
        return this.#surroundings.post({ type: "completions", call: message.call, completions });
      }
      case "scope":
        return this.show(message.id);
      case "act":
        if (isAction(message.id)) this.#surroundings.act(message.id);
        return;
    }
  }

  /** Something has changed: at first it is told at once, then at the page's pace. */
  schedule(): void {
    if (!this.#isHeard || this.#timer !== undefined) return;
    this.#timer = setTimeout(
      () => {
        this.#timer = undefined;
        if (this.#pace.wait(performance.now(), 0) > 0) this.schedule();
        else this.#send();
      },
      this.#pace.wait(performance.now(), 0),
    );
  }

  dispose(): void {
    clearTimeout(this.#timer);
    clearTimeout(this.#typing);
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  get #isHeard(): boolean {
    return this.#stands && this.#surroundings.isSeen();
  }

  #taken(): void {
    this.#pace.ask(performance.now());
    if (this.#timer === undefined) return;
    // What has changed meanwhile has its turn earlier.
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.schedule();
  }

  #select({ key, opens }: Extract<FromTable, { type: "select" }>): void {
    this.#model.select(key as ExchangeKey | undefined);
    if (key !== undefined && opens !== undefined)
      this.#surroundings.open(key as ExchangeKey, opens === "focused");
    this.#send();
  }

  #giveFocus(): void {
    if (this.#isFocused) this.#surroundings.post({ type: "focus" });
    this.#isFocused = false;
  }

  /** At once: the reader has done something, or it is time. */
  #send(): void {
    if (!this.#isHeard) return;
    this.#pace.tell(performance.now(), true);
    this.#surroundings.post({ type: "update", ...this.#model.update(Date.now()) });
  }
}
