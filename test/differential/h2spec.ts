/**
 * Every case of h2spec, one after the other, against Go's server: most break HTTP/2 on purpose. Each is shown by Tinytap as
 * exchanges, as many as there are requests in its packets; or it has none.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ensureGo } from "../../scripts/go.ts";
import { locked } from "../../scripts/lock.mjs";
import { count } from "../count.ts";
import { cache, root } from "../../scripts/paths.mjs";
import { run, step } from "../../scripts/progress.mjs";
import { watch } from "./capture.ts";
import type { Exchange } from "./exchange.ts";
import type { CaseRun } from "./h2spec-cases.ts";

const version = "v2.2.1+incompatible";
const installed = join(cache, "h2spec");
const program = join(installed, "h2spec");
const driver = join(import.meta.dirname, "h2spec-cases.ts");

export async function prepareH2spec(folder: string): Promise<void> {
  const env = { ...(await ensureGo()), GOFLAGS: "" };
  await locked(`${installed}.lock`, async () => {
    if (existsSync(program)) return;
    await step(`installing h2spec ${version} into ${installed}`, (log) =>
      run("go", ["install", `github.com/summerwind/h2spec/cmd/h2spec@${version}`], {
        env: { ...env, GOBIN: installed },
        log,
      }),
    );
  });
  await step("building test/servers/go", (log) =>
    run("go", ["build", "-o", join(folder, "server"), "."], { cwd: join(root, "test/servers/go"), env, log }),
  );
}

/** Prints a table. Gives whether each case is shown, or has nothing to show. */
export async function runH2spec(folder: string): Promise<boolean> {
  const record = join(folder, "cases.json");
  const words = [process.execPath, driver, program, join(folder, "server"), record];
  const seen = await watch({ words }, folder);
  const cases = JSON.parse(readFileSync(record, "utf8")) as CaseRun[];
  console.log(`Tinytap: ${seen.tally}`);
  const rows: Record<string, number> = {};
  let isSound = cases.length > 0;
  for (const one of cases) {
    const theirs = during(one, seen.packets).filter(({ method }) => method !== undefined).length;
    const [server, client] = [during(one, seen.server).length, during(one, seen.client).length];
    if (theirs === 0 && server === 0) count(rows, "no request is in its packets, and there is no exchange");
    else if (server >= theirs) count(rows, "each request is an exchange");
    else if (client >= theirs)
      count(rows, "each request is an exchange of the client's; the server broke off before it read all");
    else {
      isSound = false;
      console.log(`${one.id} ${one.title}: ${theirs} requests, but ${server} exchanges`);
    }
  }
  for (const [row, number] of Object.entries(rows))
    console.log(`${String(number).padStart(5)} cases: ${row}`);
  return isSound;
}

function during({ from, to }: CaseRun, exchanges: readonly Exchange[]): Exchange[] {
  return exchanges.filter(({ start }) => start * 1000 >= from && start * 1000 <= to);
}
