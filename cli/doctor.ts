/** `tinytap doctor`: starts the helper for a moment, and says what it could do here. */
import { existsSync } from "node:fs";
import { release, arch } from "node:os";
import { HelperStartError } from "../client/helper.ts";
import type { SourceStatus } from "../protocol/capture.ts";
import { printableLines } from "../protocol/printable.ts";
import type { StartError } from "../protocol/rpc.ts";
import { HelperConnection, ownFolder } from "./connection.ts";
import type { DoctorCommand } from "./options.ts";
import { remedies } from "./remedies.ts";

interface Diagnosis {
  kernel: string;
  architecture: string;
  btf: boolean;
  uid: number;
  /** Absent where the helper didn't start. */
  sources?: SourceStatus[];
  /** Milliseconds from the helper's start to the end of its self-test. */
  startup?: number;
  error?: StartError;
}

/** Gives the exit code: 0 where capture works, even if only without an optional source. */
export async function doctor(command: DoctorCommand): Promise<number> {
  const diagnosis = await examine();
  const text = command.json ? `${JSON.stringify(diagnosis, null, 2)}\n` : describe(diagnosis);
  process.stdout.write(printableLines(text));
  return diagnosis.error === undefined ? 0 : 1;
}

async function examine(): Promise<Diagnosis> {
  const machine = {
    kernel: release(),
    architecture: arch(),
    btf: existsSync("/sys/kernel/btf/vmlinux"),
    uid: process.getuid?.() ?? -1,
  };
  try {
    const connection = await HelperConnection.open(ownFolder);
    const { status } = await connection.initialize({});
    await connection.close();
    return { ...machine, sources: status.sources, startup: Math.round(status.startup) };
  } catch (error) {
    if (!(error instanceof HelperStartError)) throw error;
    return { ...machine, error: startErrorOf(error) };
  }
}

function startErrorOf({ code, message, refusal }: HelperStartError): StartError {
  return { code, message, ...(refusal && { refusal }) };
}

function describe({ kernel, architecture, btf, uid, sources, startup, error }: Diagnosis): string {
  const lines = [
    `kernel     Linux ${kernel} ${architecture}, ${btf ? "with" : "without"} BTF`,
    `user       uid ${uid}`,
    ...(sources ?? []).map(
      ({ name, on, probe, reason }) =>
        `${name.padEnd(11)}${on ? `on: ${probe}, self-test passed` : `off: ${reason}`}`,
    ),
    ...(error === undefined
      ? [`ready      in ${startup} ms, self-test included`]
      : [`error      ${error.message}`, ...remedies(error).map((line) => `           ${line}`)]),
  ];
  return `${lines.join("\n")}\n`;
}
