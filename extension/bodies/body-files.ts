/** Bodies as files that can only be read, `tinytap:` in an address: so the editor, find, compare and the picture preview show them. */
import { randomUUID } from "node:crypto";
import * as vscode from "vscode";
import type { Side } from "../../protocol/exchange.ts";
import { messageOf } from "../model/message-of.ts";
import { exchangeKey, partsOf, type ExchangeKey } from "../model/run.ts";
import type { Bodies } from "./bodies.ts";
import { bodyFileName } from "./file-name.ts";
import { wholeBody, type WholeBody } from "./whole-body.ts";

const scheme = "tinytap";

export class BodyFiles implements vscode.FileSystemProvider, vscode.Disposable {
  readonly #bodies: Bodies;
  readonly #registration: vscode.Disposable;
  /** In the addresses: another window has other exchanges of the same numbers. */
  readonly #window = randomUUID();
  /** The one that was read last, and what was known of it then. */
  #last: { known: string; whole: Promise<WholeBody> } | undefined;
  readonly #changed = new vscode.EventEmitter<vscode.FileChangeEvent[]>();
  readonly onDidChangeFile = this.#changed.event;

  constructor(bodies: Bodies) {
    this.#bodies = bodies;
    const options = { isReadonly: true, isCaseSensitive: true };
    this.#registration = vscode.workspace.registerFileSystemProvider(scheme, this, options);
  }

  /** The body's address. Rejects, with words for a person, where there is nothing to be read there. */
  async uriOf(key: ExchangeKey, side: Side): Promise<vscode.Uri> {
    const { request } = await this.#bodies.exchange(key);
    const { type, isText } = await this.#whole(key, side);
    const name = bodyFileName(request?.target ?? "", type, isText);
    const { source, id } = partsOf(key);
    return vscode.Uri.from({ scheme, authority: this.#window, path: `/${source}/${id}/${side}/${name}` });
  }

  async stat(uri: vscode.Uri): Promise<vscode.FileStat> {
    const { bytes } = await this.#read(uri);
    const file = { type: vscode.FileType.File, permissions: vscode.FilePermission.Readonly };
    // One that has grown since is another one.
    return { ...file, ctime: 0, mtime: bytes.length, size: bytes.length };
  }

  async readFile(uri: vscode.Uri): Promise<Uint8Array> {
    return (await this.#read(uri)).bytes;
  }

  readonly readDirectory = () => [];
  readonly watch = () => new vscode.Disposable(() => {});
  readonly createDirectory = refuse;
  readonly writeFile = refuse;
  readonly delete = refuse;
  readonly rename = refuse;

  dispose(): void {
    this.#registration.dispose();
    this.#changed.dispose();
  }

  /** VS Code asks several times for each file that it opens. */
  async #whole(key: ExchangeKey, side: Side): Promise<WholeBody> {
    const { body } = await this.#bodies.message(key, side);
    const known = JSON.stringify([key, side, body]);
    if (this.#last?.known !== known) this.#last = { known, whole: wholeBody(this.#bodies, key, side) };
    return this.#last.whole;
  }

  async #read(uri: vscode.Uri): Promise<WholeBody> {
    const [, source, id, side] = /^\/(\d+)\/(\d+)\/(request|response)\/[^/]+$/.exec(uri.path) ?? [];
    if (side === undefined) throw vscode.FileSystemError.FileNotFound(uri);
    if (uri.authority !== this.#window)
      throw vscode.FileSystemError.Unavailable(
        "This body was of another window, or of this one before it was reloaded.",
      );
    try {
      return await this.#whole(exchangeKey(Number(source), Number(id)), side as Side);
    } catch (error) {
      throw vscode.FileSystemError.Unavailable(messageOf(error));
    }
  }
}

function refuse(): never {
  throw vscode.FileSystemError.NoPermissions("Bodies can only be read.");
}
