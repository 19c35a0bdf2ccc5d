/** tinytap on the command line: a second, unprivileged client of the same helper. */
import { HelperStartError } from "../client/helper.ts";
import { capture } from "./capture.ts";
import { doctor } from "./doctor.ts";
import { parseCommandLine, usage, UsageError } from "./options.ts";
import { CaptureError } from "./targets.ts";
import { say } from "./terminal.ts";

async function main(): Promise<number> {
  const command = parseCommandLine(process.argv.slice(2));
  switch (command?.name) {
    case "capture":
      return await capture(command);
    case "doctor":
      return await doctor(command);
    case undefined:
      process.stdout.write(`${usage}\n`);
      return 0;
  }
}

function explain(error: unknown): number {
  if (error instanceof UsageError) {
    say(`tinytap: ${error.message}\n\n${usage}`);
    return 2;
  }
  const expected = error instanceof HelperStartError || error instanceof CaptureError;
  say(`tinytap: ${expected || !(error instanceof Error) ? messageOf(error) : error.stack}`);
  if (error instanceof HelperStartError) say("`tinytap doctor` says what would change it.");
  return 1;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

void main()
  .catch(explain)
  .then((code) => {
    process.exitCode = code;
  });
