/** Processes that move bytes by what no probe sees, io_uring above all: each is named once. */
export class Untraced {
  /** Gaps so far. */
  gaps = 0;
  readonly #named = new Set<number>();
  readonly #say: (line: string) => void;

  constructor(say: (line: string) => void) {
    this.#say = say;
  }

  add(pid: number, name: string): void {
    this.gaps++;
    if (this.#named.has(pid)) return;
    this.#named.add(pid);
    this.#say(
      `process ${pid} (${name}) seems to move bytes by other means than the traced system calls, such as io_uring: ` +
        "they are shown as gaps",
    );
  }
}
