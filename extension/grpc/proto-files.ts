/** The files that `tinytap.grpc.protoFiles` names: found, read by a thread of their own, and read again when they change. */
import { Worker } from "node:worker_threads";
import * as vscode from "vscode";
import { sizeText } from "../../protocol/format.ts";
import { Listeners } from "../model/listeners.ts";
import { messageOf } from "../model/message-of.ts";
import { setting } from "../names.ts";
import type { DescribingFiles } from "./descriptions.ts";
import { patternOf, type NamedFiles } from "./proto-patterns.ts";
import { withImports } from "./proto-imports.ts";
import type { ProtoInput, ProtoOutput } from "./proto-messages.ts";

/** Bytes of a file. */
const mostBytes = 8 * 1024 * 1024;
/** Files that one entry of the setting may name. */
const mostFound = 2000;

type Read = Awaited<ReturnType<DescribingFiles["description"]>>;

export class ProtoFiles implements DescribingFiles, vscode.Disposable {
  readonly #worker: string;
  readonly #log: vscode.LogOutputChannel;
  readonly #listeners = new Listeners<void>();
  readonly #subscriptions: vscode.Disposable[];
  #watchers: vscode.Disposable[] = [];
  /** Until something changes. */
  #read: Promise<Read> | undefined;

  /** `worker`: the bundle of the thread that reads them. */
  constructor(worker: string, log: vscode.LogOutputChannel) {
    this.#worker = worker;
    this.#log = log;
    this.#subscriptions = [
      vscode.workspace.onDidChangeConfiguration((change) => {
        if (change.affectsConfiguration(setting.grpcProtoFiles)) this.#forget();
      }),
      vscode.workspace.onDidChangeWorkspaceFolders(() => this.#forget()),
      vscode.workspace.onDidGrantWorkspaceTrust(() => this.#forget()),
    ];
  }

  onChange(listener: () => void): { dispose(): void } {
    return this.#listeners.add(listener);
  }

  /** Nothing is read before somebody looks at a call. */
  description(): Promise<Read> {
    return (this.#read ??= this.#readAll());
  }

  dispose(): void {
    for (const each of [...this.#subscriptions, ...this.#watchers]) each.dispose();
  }

  #forget(): void {
    if (this.#read === undefined) return;
    this.#read = undefined;
    for (const watcher of this.#watchers) watcher.dispose();
    this.#watchers = [];
    this.#listeners.fire();
  }

  async #readAll(): Promise<Read> {
    const named = namedFiles();
    if (named.length === 0) return { description: undefined, problems: [] };
    if (!vscode.workspace.isTrusted)
      return {
        description: undefined,
        problems: ["the .proto files of a workspace are read once it is trusted"],
      };
    const problems: string[] = [];
    const input: ProtoInput = { sources: [], sets: [] };
    for (const files of named) await this.#find(files, input, problems);
    try {
      const { descriptors, problems: more } = await parse(this.#worker, input);
      problems.push(...more);
      return { description: { descriptors, by: "the files of tinytap.grpc.protoFiles" }, problems };
    } catch (error) {
      problems.push(`the .proto files can't be read: ${messageOf(error)}`);
      return { description: undefined, problems };
    } finally {
      for (const problem of problems) this.#log.warn(problem);
    }
  }

  async #find(files: NamedFiles, input: ProtoInput, problems: string[]): Promise<void> {
    const pattern = new vscode.RelativePattern(vscode.Uri.parse(files.base), files.pattern);
    this.#watch(pattern);
    const found = await vscode.workspace.findFiles(pattern, null, mostFound);
    if (found.length === 0) problems.push(`tinytap.grpc.protoFiles: ${files.entry} names no file`);
    if (found.length === mostFound)
      problems.push(`tinytap.grpc.protoFiles: of ${files.entry} the first ${mostFound} files are read`);
    const base = vscode.Uri.parse(files.base);
    const isSource = ({ path }: vscode.Uri) => path.endsWith(".proto");
    const sources = found.filter(isSource).map(({ path }) => path);
    const read = async (path: string) => {
      const bytes = await readFile(base.with({ path }), problems);
      return bytes && new TextDecoder().decode(bytes);
    };
    const { files: all, problem } = await withImports(sources, base.path, read);
    if (problem !== undefined) problems.push(problem);
    for (const file of all)
      if (!input.sources.some(({ path }) => path === file.path)) input.sources.push(file);
    for (const uri of found.filter((uri) => !isSource(uri))) {
      const bytes = await readFile(uri, problems);
      if (bytes) input.sets.push({ path: uri.path, bytes });
    }
  }

  #watch(pattern: vscode.RelativePattern): void {
    const watcher = vscode.workspace.createFileSystemWatcher(pattern);
    const forget = () => this.#forget();
    this.#watchers.push(
      watcher,
      watcher.onDidChange(forget),
      watcher.onDidCreate(forget),
      watcher.onDidDelete(forget),
    );
  }
}

/** Of every folder what its settings name, and what they do without any. */
function namedFiles(): NamedFiles[] {
  const folders = vscode.workspace.workspaceFolders ?? [undefined];
  return folders.flatMap((folder) => {
    const entries = vscode.workspace.getConfiguration(undefined, folder?.uri).get(setting.grpcProtoFiles);
    const all = Array.isArray(entries) ? entries.filter((entry) => typeof entry === "string") : [];
    return all.flatMap((entry) => patternOf(entry, folder?.uri.toString()) ?? []);
  });
}

/** Undefined where there is none, or where it is too large, which is a problem. */
async function readFile(uri: vscode.Uri, problems: string[]): Promise<Uint8Array | undefined> {
  try {
    const { size, type } = await vscode.workspace.fs.stat(uri);
    if ((type & vscode.FileType.File) === 0) return undefined;
    if (size <= mostBytes) return await vscode.workspace.fs.readFile(uri);
    problems.push(`${uri.path}: it is ${sizeText(size)}; files are read up to ${sizeText(mostBytes)}`);
  } catch {
    // It isn't there: an import is looked for in several places.
  }
  return undefined;
}

function parse(script: string, workerData: ProtoInput): Promise<ProtoOutput> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(script, { workerData });
    worker.once("message", resolve);
    worker.once("error", reject);
    worker.once("exit", () => reject(new Error("the thread that reads them has ended")));
  });
}
