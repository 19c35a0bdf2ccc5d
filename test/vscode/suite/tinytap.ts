/** What the suites ask of VS Code and of the extension under test. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as vscode from "vscode";
import type { TinytapApi } from "../../../extension/extension.ts";
import type { ExchangeSummary } from "../../../protocol/exchange.ts";
import { freePort } from "../../free-port.ts";
import { eventually } from "./runner.ts";

export async function tinytap(): Promise<TinytapApi> {
  const extension = vscode.extensions.getExtension<TinytapApi>("tinytap.tinytap");
  if (extension === undefined) throw new Error("the extension isn't there");
  return extension.activate();
}

export async function phase(wanted: string): Promise<void> {
  const api = await tinytap();
  await eventually(`the phase ${wanted}`, () => api.state().phase === wanted || undefined).catch(
    (error: Error) => {
      throw new Error(`${error.message}; it is ${JSON.stringify(api.state())}`);
    },
  );
}

/** The finished exchange for a target. */
export async function exchange(target: string): Promise<ExchangeSummary> {
  const api = await tinytap();
  const find = () => api.exchanges().findLast((one) => one.target === target && one.state === "complete");
  return eventually(`an exchange for ${target}`, find).catch((error: Error) => {
    const there = api.exchanges().map((one) => `${one.role} ${one.method} ${one.target} ${one.state}`);
    throw new Error(`${error.message}; it is ${api.state().phase}, and there are: ${there.join(", ")}`);
  });
}

/** Debug sessions that run: js-debug has one for itself and one for each process. */
const sessions = new Set<string>();
vscode.debug.onDidStartDebugSession(({ id }) => sessions.add(id));
vscode.debug.onDidTerminateDebugSession(({ id }) => sessions.delete(id));

/** No capture, no exchanges, no debug session, settings as they come. */
export async function reset(): Promise<void> {
  await vscode.debug.stopDebugging();
  await eventually("the end of debugging", () => sessions.size === 0);
  await vscode.commands.executeCommand("tinytap.stop");
  await phase("stopped");
  await vscode.commands.executeCommand("tinytap.clear");
  await configure("debug.capture", undefined);
  await configure("sendfile", undefined);
}

export async function configure(name: string, value: string | undefined): Promise<void> {
  await vscode.workspace.getConfiguration("tinytap").update(name, value, vscode.ConfigurationTarget.Global);
}

/** Debugs by a configuration of the workspace; gives the server's address once it answers. */
export async function debug(type: "go" | "node", options: vscode.DebugSessionOptions = {}): Promise<string> {
  const folder = vscode.workspace.workspaceFolders?.[0];
  const launches: vscode.DebugConfiguration[] = vscode.workspace
    .getConfiguration("launch", folder)
    .get("configurations", []);
  const launch = launches.find((one) => one.type === type);
  if (launch === undefined) throw new Error(`no launch configuration of type ${type}`);
  const port = await freePort();
  const started = await vscode.debug.startDebugging(
    folder,
    { ...launch, env: { PORT: String(port) } },
    options,
  );
  if (!started) throw new Error("debugging didn't start");
  const address = `http://127.0.0.1:${port}`;
  await answers(address);
  return address;
}

/** Runs the Node example without a debugger. */
export async function serve(): Promise<{ address: string; process: ChildProcess; pid: number }> {
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? "";
  const port = await freePort();
  const process = spawn("node", [join(folder, "node-api/server.mjs")], {
    env: { ...globalThis.process.env, PORT: String(port) },
    stdio: "ignore",
  });
  await once(process, "spawn");
  const address = `http://127.0.0.1:${port}`;
  await answers(address);
  return { address, process, pid: process.pid ?? 0 };
}

export async function get(url: string): Promise<Buffer> {
  return Buffer.from(await (await fetch(url)).arrayBuffer());
}

/** The helper's pid: a child of this process, under an elevating one or not. */
export function helperPid(): number | undefined {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .find((pid) => {
      try {
        return /\/dist\/helper\.cjs/.test(readFileSync(`/proc/${pid}/cmdline`, "utf8")) && isOurs(pid);
      } catch {
        return false;
      }
    });
}

function isOurs(pid: number): boolean {
  const parent = Number(/^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
  return parent === process.pid || (parent > 1 && isOurs(parent));
}

async function answers(address: string): Promise<void> {
  await eventually(
    `${address} to answer`,
    () =>
      get(`${address}/up`).then(
        () => true,
        () => undefined,
      ),
    50_000,
  );
}
