/** The program that a stand-in pretends to watch: a server, and what it reads and writes by a test's commands. */
import { setTimeout as sleep } from "node:timers/promises";
import { monotonicNow } from "../../helper/capture/clock.ts";
import { Script, type ScriptEvent } from "../unit/http/script.ts";
import type { Command } from "./commands.ts";

type CommandOf<Name extends Command["do"]> = Extract<Command, { do: Name }>;

/** Connections that `traffic` uses in turn. */
const pool = 16;
/** Milliseconds between two bursts of `traffic`. */
const tick = 10;
/** Most bytes that one record carries. */
const largestRecord = 256 * 1024;
const filler = Buffer.from("All the tides of the week, and the drips between them.\n".repeat(100_000));

export class Program {
  readonly #see: (events: readonly ScriptEvent[]) => void;
  #connections = 0;
  #held: Script[] = [];
  #stopped = new AbortController();

  /** `see` gets what happened, at once. */
  constructor(see: (events: readonly ScriptEvent[]) => void) {
    this.#see = see;
  }

  /** Does as it is told. Gives how many exchanges it began. */
  async run(command: Command): Promise<number> {
    switch (command.do) {
      case "traffic":
        return this.#traffic(command);
      case "grow":
        return this.#grow(command);
      case "exchange":
        return this.#exchange(command);
      case "hold":
        return this.#hold(command);
      case "answer":
        return this.#release((script) => this.#happen(script, "write", response(200, bodyOf(100))));
      case "close":
        return this.#release((script) => this.#see(taken(script.close())));
      case "stop":
        this.#stopped.abort();
        this.#stopped = new AbortController();
        return 0;
    }
  }

  async #traffic({ rate, seconds, sizes = [1000], statuses = [200] }: CommandOf<"traffic">): Promise<number> {
    const { signal } = this.#stopped;
    const scripts = Array.from({ length: pool }, () => this.#connect());
    const began = monotonicNow();
    let done = 0;
    while (!signal.aborted && done < rate * seconds) {
      const due = Math.min((rate * (monotonicNow() - began)) / 1000, rate * seconds);
      for (; done < due; done++) {
        const script = scripts[done % pool]!;
        this.#happen(script, "read", request(`GET /traffic/${done}?at=${Date.now()}`));
        this.#happen(
          script,
          "write",
          response(statuses[done % statuses.length]!, bodyOf(sizes[done % sizes.length]!)),
        );
      }
      await sleep(tick);
    }
    for (const script of scripts) this.#see(taken(script.close()));
    return done;
  }

  async #grow({ target, lines, interval, steps }: CommandOf<"grow">): Promise<number> {
    const { signal } = this.#stopped;
    const script = this.#connect();
    this.#happen(script, "read", request(`GET ${target}`));
    this.#happen(
      script,
      "write",
      "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n",
    );
    for (let step = 0; step < steps && !signal.aborted; step++) {
      const text = Array.from({ length: lines }, (_, i) => `line ${step * lines + i}\n`).join("");
      this.#happen(script, "write", `${text.length.toString(16)}\r\n${text}\r\n`);
      await sleep(interval);
    }
    this.#happen(script, "write", "0\r\n\r\n");
    return 1;
  }

  async #exchange({ exchanges }: CommandOf<"exchange">): Promise<number> {
    for (const { line, host, status, type, size = 100, lostFrom = size, client } of exchanges) {
      const script = client ? new Script(++this.#connections, undefined, "client") : this.#connect();
      const [ask, answer] = client ? (["write", "read"] as const) : (["read", "write"] as const);
      this.#happen(script, ask, request(line, host));
      await sleep(2);
      if (status === undefined) this.#held.push(script);
      else this.#happen(script, answer, response(status, bodyOf(size), type), [[lostFrom, size]]);
    }
    return exchanges.length;
  }

  async #hold({ targets }: CommandOf<"hold">): Promise<number> {
    for (const target of targets) {
      const script = this.#connect();
      this.#happen(script, "read", request(`GET ${target}`));
      this.#held.push(script);
    }
    return targets.length;
  }

  async #release(end: (script: Script) => void): Promise<number> {
    for (const script of this.#held.splice(0)) end(script);
    return 0;
  }

  #connect(): Script {
    return new Script(++this.#connections);
  }

  /** One system call, now. */
  #happen(
    script: Script,
    call: "read" | "write",
    data: string | Uint8Array,
    lost: [start: number, end: number][] = [],
  ): void {
    // A script counts a millisecond for each call.
    script.time = monotonicNow() - 1;
    const cuts = Array.from(
      { length: Math.floor(data.length / largestRecord) },
      (_, i) => (i + 1) * largestRecord,
    );
    // Of a message's body: they are counted from the call's first byte.
    const head = Buffer.from(data).indexOf("\r\n\r\n") + 4;
    const holes = lost
      .filter(([start, end]) => start < end)
      .map(([start, end]): [number, number] => [head + start, head + end]);
    this.#see(taken(script[call](data, { cuts, holes })));
  }
}

/** The events that nobody has seen yet. */
function taken(script: Script): ScriptEvent[] {
  return script.events.splice(0);
}

/** `line`: method and target. */
function request(line: string, host = "shop.test:8080"): string {
  return `${line} HTTP/1.1\r\nHost: ${host}\r\nAccept: */*\r\n\r\n`;
}

function response(status: number, body: Uint8Array, type = "text/plain"): Uint8Array {
  const head = `HTTP/1.1 ${status} Fine\r\nContent-Type: ${type}\r\nContent-Length: ${body.length}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), body]);
}

function bodyOf(size: number): Uint8Array {
  return filler.subarray(0, size);
}
