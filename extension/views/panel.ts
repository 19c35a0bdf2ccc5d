/** The detail panel: one webview, used again for each exchange that is opened, live while it is in flight. */
import { randomUUID } from "node:crypto";
import * as vscode from "vscode";
import { decodeBody } from "../../content/node/decode-body.ts";
import type { Decoded } from "../../protocol/content.ts";
import type { Side } from "../../protocol/exchange.ts";
import { oneLine } from "../../protocol/one-line.ts";
import type { FromPage, Origin, Place, ToPage } from "../../protocol/webview.ts";
import type { Conversations } from "../grpc/conversations.ts";
import type { Exchanges } from "../model/exchanges.ts";
import { messageOf } from "../model/message-of.ts";
import type { OpenRecording, Recordings } from "../model/recordings.ts";
import { exchangeKey, partsOf, type ExchangeKey } from "../model/run.ts";
import type { Sources } from "../model/sources.ts";
import { panelType } from "../names.ts";
import { showPage } from "./page.ts";

const refreshInterval = 100;

const reloaded =
  "This window was reloaded, and Tinytap's helper ended with it: the exchange and its bodies are no longer kept.";

export interface PanelSurroundings {
  readonly exchanges: Exchanges;
  readonly recordings: Recordings;
  readonly sources: Sources;
  readonly conversations: Conversations;
  /** Opens a recording by its URI; undefined where it can't be, which the user has been told. */
  reopen(location: string): Promise<OpenRecording | undefined>;
}

export class ExchangePanel implements vscode.WebviewPanelSerializer, vscode.Disposable {
  readonly #surroundings: PanelSurroundings;
  readonly #extensionUri: vscode.Uri;
  readonly #subscriptions: { dispose(): void }[];
  /** In the keys: a page that outlived its window must not take another window's exchange for its own. */
  readonly #window = randomUUID();
  #panel: vscode.WebviewPanel | undefined;
  #shown: ExchangeKey | undefined;
  #place: Place | undefined;
  /** Said while nothing is shown. */
  #absent = reloaded;
  #timer: NodeJS.Timeout | undefined;

  constructor(surroundings: PanelSurroundings, extensionUri: vscode.Uri) {
    this.#surroundings = surroundings;
    this.#extensionUri = extensionUri;
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
   * Shows an exchange, or a place in it; unless it is to have the `focus` the keyboard stays in the list, so that arrows can
   * go on through it.
   */
  open(
    key: ExchangeKey,
    { place, focus = false }: { place?: Place | undefined; focus?: boolean } = {},
  ): void {
    this.#unpin();
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
    const options = { enableFindWidget: true };
    return this.#adopt(vscode.window.createWebviewPanel(panelType, "Exchange", showOptions, options));
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
      name: "webview",
      policy: "img-src blob:",
    });
    return panel;
  }

  #take(message: FromPage): void {
    switch (message.type) {
      case "ready":
        return this.#send();
      case "read":
        return void this.#answer(message, async (shown) => {
          const bytes = await this.#read(shown, message);
          return { type: "bytes", call: message.call, bytes };
        });
      case "decode":
        return void this.#answer(message, async (shown) => {
          const decoded = await this.#decode(shown, message.side);
          return { type: "decoded", call: message.call, decoded };
        });
      case "messages":
        return void this.#answer(message, async (shown) => {
          const messages = await this.#surroundings.conversations.read(shown);
          return { type: "messages", call: message.call, messages };
        });
      case "describe":
        return void this.#answer(message, async (shown) => {
          await this.#surroundings.conversations.ask(shown);
          return { type: "described", call: message.call };
        });
      case "otherEnd": {
        const shown = this.#shown;
        if (shown !== undefined && message.key === this.#pageKey(shown))
          this.open(exchangeKey(partsOf(shown).source, message.id));
      }
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

  async #answer(
    { call, key }: { call: number; key: string },
    answer: (shown: ExchangeKey) => Promise<ToPage>,
  ): Promise<void> {
    try {
      const shown = this.#shown;
      if (shown === undefined || key !== this.#pageKey(shown))
        throw new Error("This exchange is no longer shown.");
      this.#post(await answer(shown));
    } catch (error) {
      this.#post({ type: "failed", call, message: messageOf(error) });
    }
  }

  async #read(shown: ExchangeKey, { side, start, end }: FromPage & { type: "read" }): Promise<Uint8Array> {
    const parts: Buffer[] = [];
    for (let from = start; from < end;) {
      const part = await this.#surroundings.sources.body(shown, { side, start: from, end });
      if (part.end <= from) break;
      parts.push(Buffer.from(part.base64, "base64"));
      from = part.end;
    }
    return ownBytes(Buffer.concat(parts));
  }

  async #decode(shown: ExchangeKey, side: Side): Promise<Decoded> {
    const { sources } = this.#surroundings;
    const message = (await sources.exchange(shown))?.[side];
    if (message === undefined) throw new Error("This exchange is no longer kept.");
    const read = (start: number, end: number) => sources.body(shown, { side, start, end });
    const { bytes, ...rest } = await decodeBody(message.headers, message.body, read);
    return { ...rest, bytes: ownBytes(bytes) };
  }

  #recordedIn(key: ExchangeKey): { origin: Origin | undefined; redacted: boolean } {
    const { source, id } = partsOf(key);
    const recording = this.#surroundings.recordings.numbered(source);
    const origin = recording && { location: recording.location, id };
    return { origin, redacted: recording?.recorded.redacted ?? false };
  }

  #pageKey(key: ExchangeKey): string {
    return `${this.#window} ${key}`;
  }

  #post(message: ToPage): void {
    void this.#panel?.webview.postMessage(message);
  }
}

/** In a buffer of its own: a slice of Node's pool would take the pool along. */
function ownBytes(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes);
}

/** What the page of another window has left of itself. */
function originIn(state: unknown): Origin | undefined {
  const { location, id } = (state as { origin?: Partial<Origin> } | null)?.origin ?? {};
  return typeof location === "string" && typeof id === "number" ? { location, id } : undefined;
}
