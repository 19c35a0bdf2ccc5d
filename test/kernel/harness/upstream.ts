import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { listens } from "./capture.ts";
import { executable, freePort } from "./servers.ts";

/** A server that stands behind a proxy under test, and is not watched itself. */
export interface Upstream {
  port: number;
  stop(): Promise<void>;
}

/** `folder`: what it serves as `/files/`. */
export async function startUpstream(folder: string): Promise<Upstream> {
  const port = await freePort();
  const server = spawn(await executable("go"), [`127.0.0.1:${port}`, folder], { stdio: "ignore" });
  while (!(await listens(port))) await sleep(20);
  return {
    port,
    async stop() {
      server.kill();
      await once(server, "exit");
    },
  };
}
