/** `tinytap doctor`: starts the helper for a moment, and says what it could do here. */
import { diagnose, type Diagnosis } from "../client/diagnosis.ts";
import { remedies } from "../client/remedies.ts";
import { printableLines } from "../protocol/printable.ts";
import { HelperConnection, ownFolder } from "./connection.ts";
import type { DoctorCommand } from "./options.ts";

const anyway =
  "here still: recordings can be opened, anywhere; npm run demo captures in an emulated kernel, slowly, without any right";

/** Gives the exit code: 0 where capture works, even if only without an optional source. */
export async function doctor(command: DoctorCommand): Promise<number> {
  const diagnosis = await diagnose(async () => {
    const connection = await HelperConnection.open(ownFolder);
    const { status } = await connection.initialize({});
    await connection.close();
    return { status, elevation: connection.elevation };
  });
  const text = command.json ? `${JSON.stringify(diagnosis, null, 2)}\n` : describe(diagnosis);
  process.stdout.write(printableLines(text));
  return diagnosis.error === undefined ? 0 : 1;
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
      : [`error      ${error.message}`, ...[anyway, ...remedies(error)].map((line) => `           ${line}`)]),
  ];
  return `${lines.join("\n")}\n`;
}
