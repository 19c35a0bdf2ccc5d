/** The detail panel: one webview, used again for each exchange that is opened, live while it is in flight. */
import { randomUUID } from "node:crypto";
import * as vscode from "vscode";
import { oneLine } from "../../protocol/one-line.ts";
import type { Side } from "../../protocol/exchange.ts";
import type { FromPage, Origin, Place, ToPage } from "../../protocol/webview.ts";
import type { Bodies } from "../bodies/bodies.ts";
import type { Conversations } from "../grpc/conversations.ts";
import type { Exchanges } from "../model/exchanges.ts";
import { messageOf } from "../model/message-of.ts";
import type { OpenRecording, Recordings } from "../model/recordings.ts";
import { exchangeKey, partsOf, type ExchangeKey } from "../model/run.ts";
import type { Sources } from "../model/sources.ts";
import { panelType } from "../names.ts";
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
  /** Opens a recording by its URI; undefined where it can't be, which the user has been told. */
  reopen(location: string): Promise<OpenRecording | undefined>;
}

export class ExchangePanel implements vscode.WebviewPanelSerializer, vscode.Disposable {
  readonly #surroundings: PanelSurroundings;
  readonly #extensionUri: vscode.Uri;
  readonly #questions: PageQuestions;
  readonly #subscriptions: { dispose(): void }[];
  /** In the keys: a page that outlived its window must not take another window's exchange for its own. */
  readonly #window = randomUUID();
  #panel: vscode.WebviewPanel | undefined;
  #shown: ExchangeKey | undefined;
  #side: Side | undefined;
  #place: Place | undefined;
  /** Said while nothing is shown. */
  #absent = reloaded;
  #timer: NodeJS.Timeout | undefined;

  constructor(surroundings: PanelSurroundings, extensionUri: vscode.Uri) {
    this.#surroundings = surroundings;
    this.#extensionUri = extensionUri;
    this.#questions = new PageQuestions(surroundings, (message) => this.#post(message));
    this.#subscriptions = [
      vscode.window.registerWebviewPanelSerializer(panelType, this),
      surroundings.exchanges.onChange((changes) => {
        if (changes.some(({ after }) => after?.key === this.#shown))
          this.#timer ??= setTimeout(() => this.#send(), refreshInterval);
      }),
      // The page then reads its messages again.
      surroundings.conversations.onChange(() => this.#send()),
      // The shown one's recording may have been closed.
      surroundings.recordings.onChange(() => this.#send()),
    ];
  }

  /** The exchange that it shows, if it shows one. */
  get shown(): ExchangeKey | undefined {
    return this.#shown;
  }

  /** The side of it that is looked at, if one is. */
  get side(): Side | undefined {
    return this.#side;
  }

  /** VS Code brings back the panel of a window that was reloaded. What it showed of a recording can be read again. */
  async deserializeWebviewPanel(panel: vscode.WebviewPanel, state: unknown): Promise<void> {
    if (this.#panel) return panel.dispose();
    this.#panel = this.#adopt(panel);
    const origin = originIn(state);
    if (origin === undefined) return;
    this.#absent = "This window was reloaded. The recording is being opened again…";
    const recording = await this.#surroundings.reopen(origin.location);
    this.#absent = "This window was reloaded, and the recording could not be opened again.";
    if (this.#panel !== panel || this.#shown !== undefined) return;
    if (recording) this.open(exchangeKey(recording.number, origin.id));
    else this.#send();
  }

  /**
   * Shows an exchange, or a `place` in it; unless it is to have the `focus` the keyboard stays in the list, so that arrows
   * can go on through it.
   */
  open(key: ExchangeKey, { place, focus = false }: { place?: Place; focus?: boolean } = {}): void {
    this.#unpin();
    if (key !== this.#shown) this.#side = undefined;
    this.#shown = key;
    this.#place = place;
    // As long as it is open its bodies shall stay; where that can't be, the page says what was given up.
    this.#pin(key, true);
    const { exchanges, recordings } = this.#surroundings;
    const summary = exchanges.get(key) ?? recordings.get(key);
    const panel = (this.#panel ??= this.#create());
    panel.title = oneLine(`${summary?.method ?? "Exchange"} ${summary?.target ?? ""}`, 40);
    panel.reveal(panel.viewColumn, !focus);
    this.#send();
  }

  dispose(): void {
    clearTimeout(this.#timer);
    for (const subscription of this.#subscriptions) subscription.dispose();
    this.#panel?.dispose();
  }

  #create(): vscode.WebviewPanel {
    const showOptions = { viewColumn: vscode.ViewColumn.Active, preserveFocus: true };
    return this.#adopt(vscode.window.createWebviewPanel(panelType, "Exchange", showOptions));
  }

  #adopt(panel: vscode.WebviewPanel): vscode.WebviewPanel {
    panel.iconPath = vscode.Uri.joinPath(this.#extensionUri, "media", "tinytap.svg");
    panel.webview.onDidReceiveMessage((message: FromPage) => this.#take(message));
    panel.onDidDispose(() => {
      this.#panel = undefined;
      this.#unpin();
      this.#shown = undefined;
    });
    showPage(panel.webview, this.#extensionUri, {
      title: "Exchange",
      name: "detail",
      policy: "img-src blob:; font-src data:",
    });
    return panel;
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
    if (!this.#panel?.visible) return;
    if (this.#shown) void this.#sendExchange(this.#shown);
    else this.#post({ type: "gone", key: this.#window, message: this.#absent });
  }

  async #sendExchange(shown: ExchangeKey): Promise<void> {
    const key = this.#pageKey(shown);
    let message: ToPage;
    try {
      const exchange = await this.#surroundings.sources.exchange(shown);
      message = exchange
        ? { type: "show", key, exchange, now: Date.now(), place: this.#place, ...this.#recordedIn(shown) }
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

  get #shownPageKey(): string | undefined {
    return this.#shown && this.#pageKey(this.#shown);
  }

  #pageKey(key: ExchangeKey): string {
    return `${this.#window} ${key}`;
  }

  #post(message: ToPage): void {
    void this.#panel?.webview.postMessage(message);
  }
}

/** What the page of another window has left of itself. */
function originIn(state: unknown): Origin | undefined {
  const { location, id } = (state as { origin?: Partial<Origin> } | null)?.origin ?? {};
  return typeof location === "string" && typeof id === "number" ? { location, id } : undefined;
}
