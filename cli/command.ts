/** COMMAND: started once the probes are on, ended with the capture. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import type { HelperConnection } from "./connection.ts";
import { CaptureError, watch } from "./targets.ts";

/** How long it may take to end after each signal, in milliseconds. */
const grace = 3000;

export class Command {
  readonly #child: ChildProcess;
  readonly exited: Promise<void>;

  private constructor(child: ChildProcess) {
    this.#child = child;
    // From the start: it may end before we have said all there is to say.
    this.exited = new Promise((resolve) => child.once("exit", () => resolve()));
  }

  /**
   * We are a target while it is forked, so that the kernel makes it one from its first instruction on. Throws
   * CaptureError where it can't be started.
   */
  static async start(connection: HelperConnection, words: string[]): Promise<Command> {
    await watch(connection, [{ pid: process.pid, children: true }]);
    const [file = "", ...args] = words;
    // Its stdout is not ours, which carries the exchanges. It stays in the terminal's foreground, to read keys.
    const child = spawn(file, args, { stdio: ["inherit", 2, 2] });
    const command = new Command(child);
    try {
      await once(child, "spawn");
    } catch (error) {
      throw new CaptureError(`can't start "${file}": ${(error as NodeJS.ErrnoException).code}`);
    }
    if (child.exitCode === null && child.pid !== undefined)
      await connection.request("tinytap/watch", { targets: [{ pid: child.pid, children: true }] });
    await connection.request("tinytap/unwatch", { pids: [process.pid] });
    return command;
  }

  /** `interrupted`: we were, by SIGINT; a terminal's reached COMMAND too, and two of them would hurry it. */
  async end(interrupted: boolean): Promise<void> {
    const steps: NodeJS.Signals[] = ["SIGTERM", "SIGKILL"];
    if (!(interrupted && this.#isInForeground)) this.#child.kill("SIGINT");
    // Each sends nothing to a child that has ended.
    const timer = setInterval(() => this.#child.kill(steps.shift() ?? "SIGKILL"), grace);
    await this.exited;
    clearInterval(timer);
  }

  kill(): void {
    this.#child.kill("SIGKILL");
  }

  /** Whether it gets the signals of a terminal's keys. */
  get #isInForeground(): boolean {
    try {
      const stat = readFileSync(`/proc/${this.#child.pid}/stat`, "utf8");
      const [, , group, , , foreground] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      return group === foreground;
    } catch {
      return false; // it has ended
    }
  }
}
