/** Go's own tests of net/http: every corner of the protocol, in parallel, client and server in one process. */
import { join } from "node:path";
import { ensureGo } from "../../scripts/go.ts";
import { run, step } from "../../scripts/progress.mjs";
import type { Command } from "./capture.ts";

const name = "http.test";

export async function buildGoSuite(folder: string): Promise<void> {
  const env = { ...(await ensureGo()), GOFLAGS: "" };
  await step("building Go's tests of net/http", (log) =>
    run("go", ["test", "-c", "-o", join(folder, name), "net/http"], { env, log }),
  );
}

export async function goSuite(folder: string): Promise<Command> {
  const env = await ensureGo();
  const root = await run("go", ["env", "GOROOT"], { env });
  return { words: [join(folder, name)], folder: join(root.trim(), "src/net/http"), env };
}
