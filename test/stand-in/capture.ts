/** In place of a ring: takes events from a script, and keeps their bytes in slabs that nobody but it fills. */
import type { SourceStatus, Target, TargetResult } from "../../protocol/capture.ts";
import { monotonicNow } from "../../helper/capture/clock.ts";
import type { Slabs } from "../../helper/memory/slabs.ts";
import type { CaptureSource } from "../../helper/rpc/session.ts";
import type { TrafficSink } from "../../helper/stream/segment.ts";
import type { ScriptEvent } from "../unit/http/script.ts";
import { TestMemory } from "../unit/memory.ts";

export class StandInCapture implements CaptureSource {
  readonly targets = { pids: [] as number[], name: () => "shop" };
  readonly sources: SourceStatus[] = [{ name: "syscalls", on: true, probe: "stand-in" }];
  readonly lost: Record<string, number> = {};
  #memory: TestMemory | undefined;
  #sink: TrafficSink | undefined;
  #detached = false;

  get now(): number {
    return monotonicNow();
  }

  chooseSendfile(): void {}
  mute(): void {}
  async drain(): Promise<void> {}

  start(memory: number, sink: (slabs: Slabs) => TrafficSink): void {
    this.#memory = new TestMemory(memory, true);
    this.#sink = sink(this.#memory.slabs);
  }

  watch({ pid }: Target): TargetResult {
    if (this.#detached) return { pid, error: "the capture has ended" };
    try {
      process.kill(pid, 0);
    } catch {
      return { pid, error: `there is no process ${pid}` };
    }
    if (!this.targets.pids.includes(pid)) this.targets.pids.push(pid);
    return { pid };
  }

  async unwatch(pids: readonly number[]): Promise<void> {
    this.targets.pids = this.targets.pids.filter((pid) => !pids.includes(pid));
  }

  async detach(): Promise<void> {
    this.#detached = true;
    this.targets.pids = [];
  }

  /** A program's events, as those of the process watched first. What nobody watches isn't seen. */
  push(events: readonly ScriptEvent[]): void {
    const [pid] = this.targets.pids;
    const memory = this.#memory;
    if (pid === undefined || memory === undefined) return;
    for (const event of events) {
      if (event.kind === "opened") this.#sink?.push({ ...event, pid });
      else if (event.kind !== "segment") this.#sink?.push(event);
      else {
        const { bytes, ...rest } = event;
        this.#sink?.push({ ...rest, pid, at: memory.append(bytes), length: bytes.length });
      }
    }
    memory.flush();
    this.#sink?.endBatch();
  }
}
