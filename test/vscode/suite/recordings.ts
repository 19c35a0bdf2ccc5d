/** Recordings that lie on no disk: read whole from a file system of another extension, up to a limit. */
import assert from "node:assert/strict";
import * as vscode from "vscode";
import { test } from "./runner.ts";
import { tinytap } from "./tinytap.ts";

const scheme = "tinytap-memory";

/** Files in memory; of those that are too large only the size is told, and to read one fails. */
class MemoryFiles implements vscode.FileSystemProvider {
  readonly #sizes = new Map<string, number>();
  readonly #files = new Map<string, Uint8Array>();
  readonly onDidChangeFile = new vscode.EventEmitter<vscode.FileChangeEvent[]>().event;

  add(path: string, content: string | number): vscode.Uri {
    const bytes = typeof content === "string" ? Buffer.from(content) : undefined;
    if (bytes) this.#files.set(path, bytes);
    this.#sizes.set(path, bytes?.length ?? Number(content));
    return vscode.Uri.from({ scheme, path });
  }

  stat({ path }: vscode.Uri): vscode.FileStat {
    const size = this.#sizes.get(path);
    if (size === undefined) throw vscode.FileSystemError.FileNotFound();
    return { type: vscode.FileType.File, ctime: 0, mtime: 0, size };
  }

  readFile({ path }: vscode.Uri): Uint8Array {
    const bytes = this.#files.get(path);
    if (bytes === undefined) throw new Error(`${path} was read`);
    return bytes;
  }

  readDirectory = () => [];
  watch = () => new vscode.Disposable(() => {});
  createDirectory = refuse;
  writeFile = refuse;
  delete = refuse;
  rename = refuse;
}

function refuse(): never {
  throw vscode.FileSystemError.NoPermissions();
}

test("a recording in another file system opens whole; one beyond the limit is never read, and leaves no run", async () => {
  const api = await tinytap();
  const files = new MemoryFiles();
  const registered = vscode.workspace.registerFileSystemProvider(scheme, files);
  try {
    const entry = { response: { status: 200, content: { text: "All the tides" } } };
    const small = files.add("/small.har", JSON.stringify({ log: { entries: [entry] } }));
    const large = files.add("/large.har", 65 * 1024 * 1024);
    const open = (uri: vscode.Uri) => vscode.commands.executeCommand("tinytap.openRecording", uri);
    await open(small);
    const names = () => api.recordings().map(({ name }) => name);
    assert.deepEqual(names(), ["small.har"]);
    const [recording] = api.recordings();
    const body = await recording?.recorded.body({ id: 1, side: "response", start: 0, end: 100 });
    assert.equal(Buffer.from(body?.base64 ?? "", "base64").toString(), "All the tides");
    await open(large);
    assert.deepEqual(names(), ["small.har"]);
    await vscode.commands.executeCommand("tinytap.closeRecording", `recording ${recording?.number}`);
    assert.deepEqual(names(), []);
  } finally {
    registered.dispose();
  }
});
