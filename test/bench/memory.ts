/** Whether the helper's memory stays as it is, however much it has seen. */
import { saturate, withServer } from "./server.ts";
import { usage } from "./process.ts";
import { watch, type Mode } from "./watchers.ts";

const enough = 250_000;
const seconds = 3;

export async function measureMemory(modes: readonly Mode[]): Promise<void> {
  await withServer(async (server) => {
    for (const mode of modes) {
      const rows: Record<string, string | number>[] = [];
      const watcher = await watch(mode, server, server.bodies["/json"]);
      for (let requests = 0; requests < enough;) {
        requests += (await saturate(`${server.url}/json`, seconds)).requests;
        const now = usage(watcher.helper);
        rows.push({ exchanges: requests, "helper RSS, MiB": now?.rssMiB.toFixed(0) ?? "gone" });
      }
      const { exchanges, shown, lost, helper } = await watcher.stop();
      console.log(
        `\n${mode}: ${exchanges} exchanges seen, ${shown} shown; lost: ${lost}; peak ${helper.maxRssMiB.toFixed(0)} MiB`,
      );
      console.table(rows);
    }
  });
}
