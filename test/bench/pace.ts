/** The helper's work per exchange where the load is light: two thousand a second. */
import { pace, withServer } from "./server.ts";
import { watch, type Mode } from "./watchers.ts";

const perSecond = 2000;

export async function measurePaced(modes: readonly Mode[], seconds: number): Promise<void> {
  const rows: Record<string, Record<string, string | number>> = {};
  await withServer(async (server) => {
    for (const path of ["/json", "/file"] as const)
      for (const mode of modes) {
        const watcher = await watch(mode, server, server.bodies[path]);
        const { requests } = await pace(server, `${server.url}${path}`, perSecond, seconds);
        const { exchanges, lost, helper } = await watcher.stop();
        rows[`${path}, ${mode}`] = {
          exchanges,
          "requests made": requests,
          "helper CPU, µs per exchange, its start included": Math.round((helper.cpuSeconds * 1e6) / requests),
          lost,
        };
      }
  });
  console.log(`\n${perSecond} exchanges a second, ${seconds} s each`);
  console.table(rows);
}
