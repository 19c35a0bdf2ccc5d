/** tinytap on the command line: a second, unprivileged client of the same helper. */
import { HelperStartError } from "../client/helper.ts";
import { capture } from "./capture.ts";
import { doctor } from "./doctor.ts";
import { parseCommandLine, usage, UsageError } from "./options.ts";
import { CaptureError } from "./targets.ts";

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
    process.stderr.write(`tinytap: ${error.message}\n\n${usage}\n`);
    return 2;
  }
  if (error instanceof HelperStartError || error instanceof CaptureError) {
    process.stderr.write(`tinytap: ${error.message}\n`);
    return 1;
  }
  throw error;
}

void main()
  .catch(explain)
  .then((code) => {
    process.exitCode = code;
  });
