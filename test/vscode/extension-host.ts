/** The process in which the window's extensions run, looked into by V8's inspector, which a signal turns on in any Node process. */
import { setTimeout as sleep } from "node:timers/promises";
import { listeningProcesses } from "../../client/listeners.ts";
import { processes } from "../../client/proc.ts";

interface Reply {
  id: number;
  result?: { usedSize: number };
  error?: { message: string };
}

export class ExtensionHost {
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, (reply: Reply) => void>();
  #last = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.addEventListener("message", ({ data }) => {
      const reply = JSON.parse(String(data)) as Reply;
      this.#waiting.get(reply.id)?.(reply);
      this.#waiting.delete(reply.id);
    });
  }

  /** Of the window that this process has opened. */
  static async attach(): Promise<ExtensionHost> {
    const pid = await extensionHost();
    const before = await portsOf(pid);
    process.kill(pid, "SIGUSR1");
    let port: number | undefined;
    for (const overdue = Date.now() + 10_000; port === undefined; await sleep(50)) {
      if (Date.now() > overdue) throw new Error(`process ${pid} opened no inspector`);
      port = (await portsOf(pid)).find((each) => !before.includes(each));
    }
    const targets = (await (await fetch(`http://127.0.0.1:${port}/json/list`)).json()) as {
      webSocketDebuggerUrl: string;
    }[];
    const socket = new WebSocket(targets[0]!.webSocketDebuggerUrl);
    await new Promise((resolve, reject) => {
      socket.addEventListener("open", resolve);
      socket.addEventListener("error", () => reject(new Error("the inspector doesn't answer")));
    });
    return new ExtensionHost(socket);
  }

  /** Bytes of what is in use, after the garbage has gone. */
  async heap(): Promise<number> {
    // What the first round finds is finished by the second.
    for (let twice = 0; twice < 2; twice++) await this.#ask("HeapProfiler.collectGarbage");
    return (await this.#ask("Runtime.getHeapUsage"))!.usedSize;
  }

  close(): void {
    this.#socket.close();
  }

  async #ask(method: string): Promise<Reply["result"]> {
    const id = ++this.#last;
    const reply = new Promise<Reply>((resolve) => this.#waiting.set(id, resolve));
    this.#socket.send(JSON.stringify({ id, method }));
    const { result, error } = await reply;
    if (error !== undefined) throw new Error(`${method}: ${error.message}`);
    return result;
  }
}

async function extensionHost(): Promise<number> {
  for (const { pid } of await processes.all()) {
    if (!(await processes.commandLine(pid)).includes("--type=extensionHost")) continue;
    for (let above: number | undefined = pid; above !== undefined && above > 1; above = await parentOf(above))
      if (above === process.pid) return pid;
  }
  throw new Error("no extension host runs here");
}

async function parentOf(pid: number): Promise<number | undefined> {
  return (await processes.entry(pid))?.parent;
}

async function portsOf(pid: number): Promise<number[]> {
  return (await listeningProcesses()).find((each) => each.pid === pid)?.ports ?? [];
}
