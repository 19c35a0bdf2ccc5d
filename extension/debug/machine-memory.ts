/**
 * What is remembered of this machine, in a file of its own: VS Code's `globalState` and a user's settings are shared by all
 * the machines and containers that one works on.
 */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import type { MachineMemory } from "./consent.ts";

type Refusal = NonNullable<MachineMemory["refusal"]>;

export class MachineMemoryFile {
  readonly #path: string;
  /** One change after the other. */
  #turn: Promise<void> = Promise.resolve();

  constructor(path: string) {
    this.#path = path;
  }

  /** A file that isn't there, or is none of ours, remembers nothing. */
  async read(): Promise<MachineMemory> {
    try {
      const value: unknown = JSON.parse(await readFile(this.#path, "utf8"));
      if (typeof value !== "object" || value === null) return {};
      const { refusal, answer } = value as Record<string, unknown>;
      return {
        ...(isRefusal(refusal) && { refusal }),
        ...((answer === "always" || answer === "never") && { answer }),
      };
    } catch {
      return {};
    }
  }

  /** Replaces what is given; undefined forgets it. */
  remember(change: { [Name in keyof MachineMemory]: MachineMemory[Name] | undefined }): Promise<void> {
    const changed = this.#turn.then(async () => {
      await mkdir(dirname(this.#path), { recursive: true });
      await writeFile(this.#path, JSON.stringify({ ...(await this.read()), ...change }));
    });
    this.#turn = changed.catch(() => undefined);
    return changed;
  }
}

function isRefusal(value: unknown): value is Refusal {
  if (typeof value !== "object" || value === null) return false;
  const { cause, message } = value as Record<string, unknown>;
  return typeof cause === "string" && typeof message === "string";
}
