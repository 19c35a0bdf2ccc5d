/** The process that the user has chosen by hand, and the lease it holds. */
import type { Capture, Lease } from "./capture.ts";

export class ChosenProcess {
  readonly #capture: Pick<Capture, "lease" | "state">;
  #pid: number | undefined;
  #lease: Lease | undefined;

  constructor(capture: Pick<Capture, "lease" | "state">) {
    this.#capture = capture;
    capture.state.onChange((state) => {
      if (state.phase !== "capturing" || state.status.targets.length > 0) return;
      this.#lease?.dispose("its process has exited");
      this.#lease = undefined;
    });
  }

  /**
   * Captures it in place of the one before, until it has exited, and what it started. Gives whether the probes are on: if not, the capture's `failures` told why.
   * Rejects where the process can't be watched; a capture that was begun for it doesn't go on then.
   */
  async capture(pid: number): Promise<boolean> {
    this.#pid = pid;
    const lease = this.#capture.lease("user");
    if (!(await lease.begun)) {
      lease.dispose();
      return false;
    }
    const results = await lease.watch([{ pid, children: true, descendants: true }]);
    const error = results.find((result) => result.pid === pid)?.error;
    if (error !== undefined) {
      lease.dispose();
      throw new Error(`Process ${pid} can't be watched: ${error}`);
    }
    this.#lease?.dispose();
    this.#lease = lease;
    return true;
  }

  /** The same process once more. */
  async captureAgain(): Promise<boolean> {
    return this.#pid !== undefined && this.capture(this.#pid);
  }
}
