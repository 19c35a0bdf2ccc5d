/** A command on a terminal of its own, which script(1) makes; it is the session's foreground process group there. */
import { spawn, type ChildProcessByStdio } from "node:child_process";
import { once } from "node:events";
import type { Readable, Writable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";

const patience = 20_000;

export class Terminal {
  /** What the command has written. */
  output = "";
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #exited: Promise<unknown[]>;

  constructor(words: readonly string[]) {
    const line = words.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(" ");
    // Without exec a shell stays (dash does, bash doesn't), and its end would be taken for the command's.
    const command = ["--command", `exec ${line}`];
    this.#child = spawn("script", ["--quiet", "--return", "--flush", ...command, "/dev/null"], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    this.#exited = once(this.#child, "exit");
    this.#child.stdout.on("data", (bytes: Buffer) => (this.output += bytes.toString("latin1")));
  }

  /** Resolves when the output matches. */
  async shows(pattern: RegExp): Promise<void> {
    const overdue = Date.now() + patience;
    while (!pattern.test(this.output)) {
      if (Date.now() > overdue || this.#child.exitCode !== null)
        throw new Error(`${pattern} isn't in what it showed:\n${this.output}`);
      await sleep(10);
    }
  }

  pressCtrlC(): void {
    this.#child.stdin.write("\x03");
  }

  /** Gives the exit code. */
  async exited(): Promise<number | null> {
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), patience);
    const [code] = (await this.#exited) as [number | null];
    clearTimeout(timer);
    return code;
  }
}
