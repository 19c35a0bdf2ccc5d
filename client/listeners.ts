/**
 * The user's processes that listen on TCP ports, from /proc. This is asked by the client: the helper, which has given up
 * every capability, may not look into a root user's processes.
 */
import { readdir, readlink } from "node:fs/promises";
import { basename } from "node:path";
import type { ListeningProcess } from "../protocol/capture.ts";
import { allPids, processes, readProc } from "./proc.ts";

const stateListen = "0A";

/** Those whose descriptors we may read, in order of pid; `only`: of these. */
export async function listeningProcesses(only?: readonly number[]): Promise<ListeningProcess[]> {
  const ports = await listeningInodes();
  const pids = only ?? (await allPids());
  const found = await Promise.all(pids.map((pid) => describe(pid, ports)));
  return found.filter((each) => each !== undefined);
}

/** The processes that listen on `port`: a server and the workers that inherited its socket. */
export async function listenersOn(port: number): Promise<number[]> {
  return (await listeningProcesses()).filter(({ ports }) => ports.includes(port)).map(({ pid }) => pid);
}

/** What a process is called by its arguments: it may rename its threads, as Node 24 does (MainThread). */
export function programName([program = ""]: readonly string[]): string | undefined {
  return basename(program.split(" ")[0] ?? "") || undefined;
}

/** Socket inodes to ports, of this network namespace. */
async function listeningInodes(): Promise<Map<string, number>> {
  const ports = new Map<string, number>();
  for (const file of ["net/tcp", "net/tcp6"]) {
    for (const line of (await readProc(file)).split("\n").slice(1)) {
      const [, local, , state, , , , , , inode] = line.trim().split(/\s+/);
      if (state !== stateListen || inode === undefined) continue;
      ports.set(inode, Number.parseInt(local?.split(":")[1] ?? "", 16));
    }
  }
  return ports;
}

async function describe(pid: number, inodes: Map<string, number>): Promise<ListeningProcess | undefined> {
  let descriptors: string[];
  try {
    descriptors = await readdir(`/proc/${pid}/fd`);
  } catch {
    return undefined; // gone, or another user's
  }
  const links = await Promise.all(descriptors.map((fd) => readlink(`/proc/${pid}/fd/${fd}`).catch(() => "")));
  const ports = links.flatMap((link) => inodes.get(/^socket:\[(\d+)\]$/.exec(link)?.[1] ?? "") ?? []);
  if (ports.length === 0) return undefined;
  const commandLine = (await processes.commandLine(pid)).join(" ").trim();
  const name = (await readProc(`${pid}/comm`)).trim();
  return { pid, name, commandLine, ports: [...new Set(ports)].sort((a, b) => a - b) };
}
