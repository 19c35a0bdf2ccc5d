/** What the watched processes are and which ports they listen on: looked up where somebody asks, and not too often. */
import { processes } from "../../client/proc.ts";
import { listeningProcesses, programName } from "../../client/listeners.ts";
import { Listeners } from "../model/listeners.ts";
import type { ProcessNames } from "../model/process-names.ts";
import type { Program } from "../model/programs.ts";

/** Milliseconds for which an answer stands: a server may begin to listen at any time. */
const freshness = 2000;

export class WatchedPrograms {
  readonly #names: ProcessNames;
  readonly #listeners = new Listeners<void>();
  #known = new Map<number, Program>();
  #looked = -Infinity;

  constructor(names: ProcessNames) {
    this.#names = names;
  }

  /** As far as is known now: what isn't is looked up, and told to listeners. */
  of(pids: readonly number[]): Program[] {
    const isNew = pids.some((pid) => !this.#known.has(pid));
    if (pids.length > 0 && (isNew || performance.now() - this.#looked > freshness)) void this.#look(pids);
    return pids.flatMap((pid) => this.#known.get(pid) ?? []);
  }

  /** Something else is known of them. */
  onChange(listener: () => void): { dispose(): void } {
    return this.#listeners.add(listener);
  }

  async #look(pids: readonly number[]): Promise<void> {
    this.#looked = performance.now();
    const listening = new Map((await listeningProcesses(pids)).map((each) => [each.pid, each.ports]));
    const found = await Promise.all(
      pids.map(async (pid): Promise<Program> => {
        const name = this.#names.session(pid) ?? programName(await processes.commandLine(pid)) ?? "a program";
        return { pid, name, ports: listening.get(pid) ?? [] };
      }),
    );
    const known = new Map(found.map((program) => [program.pid, program]));
    const isNews = JSON.stringify([...known]) !== JSON.stringify([...this.#known]);
    this.#known = known;
    if (isNews) this.#listeners.fire();
  }
}
