/**
 * What watching costs, and how much is seen, where wrk asks as fast as the server answers: alone and watched, in turns
 * within one run, as figures of different runs can't be compared.
 */
import { defaultRingSize } from "../../protocol/capture.ts";
import { defaultMemory } from "../../protocol/rpc.ts";
import { usage } from "./process.ts";
import { connections, saturate, withServer, type Load, type Server } from "./server.ts";
import { watch, type Mode, type Seen } from "./watchers.ts";

/** What the helper may take beside its memory for bodies and the ring, in MiB. */
const besides = 100;

interface Watched {
  /** Requests a second, before and after. */
  alone: number;
  load: Load;
  seen: Seen;
  /** Of one core, from 0 to 1, while there was load. */
  cpu: number;
}

export async function measureSaturation(
  modes: readonly Mode[],
  rounds: number,
  seconds: number,
): Promise<void> {
  await withServer(async (server) => {
    for (const path of ["/json", "/file"] as const) {
      const columns: Record<string, Watched> = {};
      await saturate(`${server.url}${path}`, 2); // warm-up
      for (let round = 1; round <= rounds; round++)
        for (const mode of modes) {
          columns[`${mode} ${round}`] = await measure(server, path, mode, seconds);
          process.stderr.write(`${path}: ${mode}, round ${round} of ${rounds}\n`);
        }
      print(path, seconds, columns);
    }
  });
}

async function measure(
  server: Server,
  path: "/json" | "/file",
  mode: Mode,
  seconds: number,
): Promise<Watched> {
  const url = `${server.url}${path}`;
  const before = await saturate(url, seconds);
  const watcher = await watch(mode, server, server.bodies[path]);
  const idle = usage(watcher.helper);
  const load = await saturate(url, seconds);
  const busy = usage(watcher.helper);
  const cpu = ((busy?.cpuSeconds ?? Number.NaN) - (idle?.cpuSeconds ?? Number.NaN)) / seconds;
  const seen = await watcher.stop();
  const after = await saturate(url, seconds);
  return { alone: (before.perSecond + after.perSecond) / 2, load, cpu, seen };
}

function print(path: string, seconds: number, columns: Record<string, Watched>): void {
  const row = (cell: (each: Watched) => string | number) =>
    Object.fromEntries(Object.entries(columns).map(([name, each]) => [name, cell(each)]));
  console.log(`\n${path} (${connections} connections, ${seconds} s each)`);
  console.table({
    "requests/s alone": row(({ alone }) => alone.toFixed(0)),
    "requests/s watched": row(({ load }) => load.perSecond.toFixed(0)),
    "throughput, watched : alone": row(({ alone, load }) => (load.perSecond / alone).toFixed(2)),
    "exchanges seen : wrk's count": row(({ load, seen }) => (seen.exchanges / load.requests).toFixed(4)),
    "exchanges shown": row(({ seen }) => seen.shown),
    "bodies whole": row(({ seen }) => seen.whole),
    "bodies declared, but not held": row(({ seen }) => seen.invented),
    "helper CPU, of one core": row(({ cpu }) => cpu.toFixed(2)),
    "helper RSS at the end, MiB": row(({ seen }) => seen.helper.rssMiB.toFixed(0)),
    [`its peak (memory and ring + ${besides}: ${defaultMemory + defaultRingSize + besides})`]: row(
      ({ seen }) => seen.helper.maxRssMiB.toFixed(0),
    ),
  });
  for (const [name, { seen }] of Object.entries(columns))
    console.log(`${name}: gaps ${JSON.stringify(seen.gaps)}; lost: ${seen.lost}`);
}
