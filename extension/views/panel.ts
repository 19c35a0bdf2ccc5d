/** A detail panel: a webview, used again for each exchange that is opened in it, live while that is in flight. */
import { randomUUID } from "node:crypto";
import * as vscode from "vscode";
import { oneLine } from "../../protocol/one-line.ts";
import type { Side } from "../../protocol/exchange.ts";
import type { FromPage, Origin, Place, ToPage } from "../../protocol/webview.ts";
import type { Bodies } from "../bodies/bodies.ts";
import type { Conversations } from "../grpc/conversations.ts";
import type { Exchanges } from "../model/exchanges.ts";
import { messageOf } from "../model/message-of.ts";
import type { Recordings } from "../model/recordings.ts";
import type { ProcessNames } from "../model/process-names.ts";
import { exchangeKey, partsOf, type ExchangeKey } from "../model/run.ts";
import type { Sources } from "../model/sources.ts";
import { PageQuestions } from "./page-questions.ts";
import { showPage } from "./page.ts";

const refreshInterval = 100;

const reloaded =
  "This window was reloaded, and Tinytap's helper ended with it: the exchange and its bodies are no longer kept.";

export interface PanelSurroundings {
  readonly exchanges: Exchanges;
  readonly recordings: Recordings;
  readonly sources: Sources;
  readonly bodies: Bodies;
  readonly conversations: Conversations;
  readonly names: ProcessNames;
}

export class ExchangePanel implements vscode.Disposable {
  readonly panel: vscode.WebviewPanel;
  readonly #surroundings: PanelSurroundings;
  readonly #questions: PageQuestions;
  readonly #subscriptions: { dispose(): void }[];
  /** In the keys: a page that outlived its window must not take another window's exchange for its own. */
  readonly #window = randomUUID();
  #shown: ExchangeKey | undefined;
  #side: Side | undefined;
  #place: Place | undefined;
  /** Said while nothing is shown. */
  #absent = reloaded;
  #timer: NodeJS.Timeout | undefined;
  #isDisposed = false;

  constructor(panel: vscode.WebviewPanel, surroundings: PanelSurroundings, extensionUri: vscode.Uri) {
    this.panel = panel;
    this.#surroundings = surroundings;
    this.#questions = new PageQuestions(surroundings, (message) => this.#post(message));
    this.#subscriptions = [
      panel,
      surroundings.exchanges.onChange((changes) => {
        if (changes.some(({ after }) => after?.key === this.#shown))
          this.#timer ??= setTimeout(() => this.#send(), refreshInterval);
      }),
      // The page then reads its messages again.
      surroundings.conversations.onChange(() => this.#send()),
      // The shown one's recording may have been closed.
      surroundings.recordings.onChange(() => this.#send()),
    ];
    panel.iconPath = vscode.Uri.joinPath(extensionUri, "media", "tinytap.svg");
    panel.webview.onDidReceiveMessage((message: FromPage) => this.#take(message));
    showPage(panel.webview, extensionUri, {
      title: "Exchange",
      name: "detail",
      policy: "img-src blob:; font-src data:",
    });
  }

  /** The exchange that it shows, if it shows one. */
  get shown(): ExchangeKey | undefined {
    return this.#shown;
  }

  /** The side of it that is looked at, if one is. */
  get side(): Side | undefined {
    return this.#side;
  }

  /** Shows an exchange, or a `place` in it; unless it is to have the `focus` the keyboard stays where it is. */
  open(key: ExchangeKey, { place, focus = false }: { place?: Place; focus?: boolean } = {}): void {
    this.#unpin();
    if (key !== this.#shown) this.#side = undefined;
    this.#shown = key;
    this.#place = place;
    // As long as it is open its bodies shall stay; where that can't be, the page says what was given up.
    this.#pin(key, true);
    const { exchanges, recordings } = this.#surroundings;
    const summary = exchanges.get(key) ?? recordings.get(key);
    this.panel.title = oneLine(`${summary?.method ?? "Exchange"} ${summary?.target ?? ""}`, 40);
    this.panel.reveal(this.panel.viewColumn, !focus);
    this.#send();
  }

  /** Says why there is nothing to see. */
  say(absent: string): void {
    this.#absent = absent;
    this.#send();
  }

  dispose(): void {
    this.#isDisposed = true;
    clearTimeout(this.#timer);
    this.#unpin();
    this.#shown = undefined;
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  #take(message: FromPage): void {
    const shown = "key" in message && message.key === this.#shownPageKey ? this.#shown : undefined;
    if (message.type !== "cancel" && "call" in message) return void this.#questions.answer(message, shown);
    switch (message.type) {
      case "cancel":
        return this.#questions.cancel(message.call);
      case "ready":
        return this.#send();
      case "side":
        if (shown !== undefined) this.#side = message.side;
        return;
      case "copy":
        return void vscode.env.clipboard.writeText(message.text);
      case "otherEnd":
        if (shown !== undefined) this.open(exchangeKey(partsOf(shown).source, message.id));
    }
  }

  #unpin(): void {
    if (this.#shown) this.#pin(this.#shown, false);
  }

  #pin(key: ExchangeKey, pinned: boolean): void {
    this.#surroundings.sources.pin(key, pinned).catch(() => {}); // what kept it is gone, and its bodies
  }

  /** While the panel is hidden, and before its page stands, nobody would hear it; the page then says `ready`. */
  #send(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#isDisposed || !this.panel.visible) return;
    if (this.#shown) void this.#sendExchange(this.#shown);
    else this.#post({ type: "gone", key: this.#window, message: this.#absent });
  }

  async #sendExchange(shown: ExchangeKey): Promise<void> {
    const key = this.#pageKey(shown);
    let message: ToPage;
    try {
      const exchange = await this.#surroundings.sources.exchange(shown);
      message = exchange
        ? {
            ...{ type: "show", key, exchange, now: Date.now(), place: this.#place },
            ...this.#recordedIn(shown),
            session: this.#sessionOf(shown),
          }
        : { type: "gone", key, message: "This exchange is no longer kept." };
    } catch (error) {
      message = { type: "gone", key, message: messageOf(error) };
    }
    if (shown === this.#shown) this.#post(message);
  }

  #recordedIn(key: ExchangeKey): { origin: Origin | undefined; redacted: boolean } {
    const { source, id } = partsOf(key);
    const recording = this.#surroundings.recordings.numbered(source);
    const origin = recording && { location: recording.location, id };
    return { origin, redacted: recording?.recorded.redacted ?? false };
  }

  #sessionOf(key: ExchangeKey): string | undefined {
    const { exchanges, names } = this.#surroundings;
    const row = exchanges.get(key);
    return row && names.session(row.pid);
  }

  get #shownPageKey(): string | undefined {
    return this.#shown && this.#pageKey(this.#shown);
  }

  #pageKey(key: ExchangeKey): string {
    return `${this.#window} ${key}`;
  }

  #post(message: ToPage): void {
    if (!this.#isDisposed) void this.panel.webview.postMessage(message);
  }
}
