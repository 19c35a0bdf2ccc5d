/** A server by grpc-go, with reflection or without. */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { ensureGrpcServer } from "../servers/build.ts";

export interface GrpcServer {
  address: string;
  pid: number;
  stop(): void;
}

export async function serveGrpc(...flags: string[]): Promise<GrpcServer> {
  const child = spawn(await ensureGrpcServer(), ["-serve", ...flags], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let address: string | undefined;
  for await (const line of createInterface({ input: child.stdout })) {
    ({ address } = JSON.parse(line) as { address: string });
    break;
  }
  if (address === undefined) throw new Error("the server has ended");
  // It says each message, and would wait for who doesn't listen.
  child.stdout.resume();
  return { address, pid: child.pid ?? 0, stop: () => child.kill() };
}
