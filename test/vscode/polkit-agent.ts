/** A text agent, and who types: stands in for a desktop's dialog that asks for a password. */
import { spawn } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";

export class PolkitAgent {
  /** Passwords that were asked for. */
  prompts = 0;
  /** What is typed; undefined: nothing, until `give`. */
  answer: string | undefined = "";
  readonly #type: (text: string) => void;
  readonly #close: () => void;

  /** Asks the user `name` on behalf of the process `pid`, in whose mount namespace it runs. */
  constructor(name: string, pid: number) {
    const asUser = ["setpriv", `--reuid=${name}`, `--regid=${name}`, "--init-groups", "--"];
    // It asks on a terminal only.
    const agent = ["script", "--quiet", "--command", `exec pkttyagent --process ${pid}`, "/dev/null"];
    const child = spawn("nsenter", ["--mount", `--target=${pid}`, "--", ...asUser, ...agent], {
      stdio: ["pipe", "pipe", "ignore"],
    });
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      if (!text.includes("Password:")) return;
      this.prompts++;
      const { answer } = this;
      // What is typed before it has turned the terminal's echo off is thrown away.
      if (answer !== undefined) void sleep(500).then(() => this.give(answer));
    });
    child.stdin.on("error", () => {}); // it has ended
    this.#type = (text) => child.stdin.write(text);
    this.#close = () => child.kill();
  }

  /** Answers the prompt that waits. */
  give(answer: string): void {
    this.#type(`${answer}\n`);
  }

  close(): void {
    this.#close();
  }
}
