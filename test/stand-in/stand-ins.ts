/** The test's end: how many stand-ins were started, how the next one starts, and what the running one sees. */
import { rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Command, FromStandIn, FromTest, Start } from "./commands.ts";

interface Call {
  resolve(exchanges: number): void;
  reject(error: Error): void;
}

export class StandIns {
  /** Started so far, also those that refused. */
  starts = 0;
  /** How the next one starts: a promise makes it wait. */
  next: Start | Promise<Start> = "ready";
  /** The process that was started last, while it runs. */
  pid: number | undefined;
  readonly #server: Server;
  readonly #calls = new Map<number, Call>();
  #current: Socket | undefined;
  #lastCall = 0;

  /** `folder`: where the stand-in lies. */
  constructor(folder: string) {
    const path = join(folder, "control");
    rmSync(path, { force: true });
    this.#server = createServer((socket) => this.#meet(socket)).listen(path);
  }

  /** Has the running stand-in do something. Resolves, when that is done, with the number of exchanges it began. */
  run(command: Command): Promise<number> {
    const call = ++this.#lastCall;
    return new Promise((resolve, reject) => {
      if (this.#current === undefined) return reject(new Error("no stand-in runs"));
      this.#calls.set(call, { resolve, reject });
      send(this.#current, { call, command });
    });
  }

  /** Kills the running one. */
  crash(): void {
    if (this.pid !== undefined) process.kill(this.pid, "SIGKILL");
  }

  close(): void {
    this.#server.close();
    this.#current?.destroy();
  }

  #meet(socket: Socket): void {
    createInterface({ input: socket }).on("line", (line) =>
      this.#take(JSON.parse(line) as FromStandIn, socket),
    );
    socket.on("error", () => {}); // "close" follows
    socket.on("close", () => {
      if (socket !== this.#current) return;
      this.#current = undefined;
      this.pid = undefined;
      for (const call of this.#calls.values()) call.reject(new Error("the stand-in has ended"));
      this.#calls.clear();
    });
  }

  #take(message: FromStandIn, socket: Socket): void {
    if ("pid" in message) {
      this.starts++;
      this.pid = message.pid;
      this.#current = socket;
      void Promise.resolve(this.next).then((start) => send(socket, { start }));
      return;
    }
    const call = this.#calls.get(message.call);
    this.#calls.delete(message.call);
    if ("error" in message) call?.reject(new Error(message.error));
    else call?.resolve(message.exchanges);
  }
}

function send(socket: Socket, message: FromTest): void {
  socket.write(`${JSON.stringify(message)}\n`);
}
