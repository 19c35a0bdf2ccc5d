/**
 * The real VS Code without a download from its own site: code-server's build, from npm, in a browser.
 * Needs minutes for its first installation, so it goes into the cache and serves every clone.
 */
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { atEnd } from "./at-end.mjs";
import { installExtensions } from "./extensions.ts";
import { locked } from "./lock.mjs";
import { ensurePackages, header, which } from "./packages.mjs";
import { cache } from "./paths.mjs";
import { run, step } from "./progress.mjs";
import { ensureNodePackage, installInto } from "./setup.mjs";

const version = "4.139";
const folder = join(cache, "code-server");
const vscode = join(folder, "node_modules/code-server/lib/vscode");

/** Installs code-server where it is missing. */
export async function ensureCodeServer(): Promise<void> {
  const stamp = join(folder, ".installed");
  const installed = () => existsSync(stamp) && readFileSync(stamp, "utf8") === version;
  if (installed()) return;
  const why = "builds VS Code's native modules (code-server)";
  await ensurePackages([
    { package: "libkrb5-dev", why, present: () => header("krb5.h") },
    { package: "pkg-config", why, present: () => which("pkg-config") !== undefined },
    { package: "python3", why, present: () => which("python3") !== undefined },
    { package: "make", why, present: () => which("make") !== undefined },
  ]);
  const node = await ensureNodePackage();
  await locked(join(cache, "code-server.lock"), async () => {
    if (installed()) return;
    await step(
      `installing code-server ${version}, VS Code for the browser, into ${folder} (minutes, once)`,
      (log) =>
        installInto(folder, [`code-server@${version}`, "--foreground-scripts"], {
          log,
          env: {
            ...process.env,
            PATH: dirname(node) + delimiter + process.env["PATH"],
            // The headers of the very Node that will run it.
            npm_config_nodedir: join(dirname(node), ".."),
            // npm 12 runs no dependency's install script without this, and these compile what VS Code needs.
            npm_config_dangerously_allow_all_scripts: "true",
          },
        }),
    );
    writeFileSync(stamp, version);
  });
}

export interface ServerOptions {
  /** Opened as the workspace. */
  workspace: string;
  /** Folder of the extension under development: in a browser there can be one. */
  extension?: string;
  /** Folders of others, that are copied. */
  others: string[];
  /** Packed extensions, that are installed. */
  packed?: string[];
  /** Besides those that keep a first start quiet. */
  settings?: Record<string, unknown>;
  env?: NodeJS.ProcessEnv;
  /** Whom it runs as, if not as ourselves. */
  user?: OtherUser;
  /** Takes what the server writes. */
  log?: (text: string) => void;
}

export interface OtherUser {
  /** What to put before a command to run it as this user; the process stays the same one. */
  readonly prefix: readonly string[];
  /** Gives the user a folder with all that is in it. */
  own(folder: string): void;
}

export interface Server {
  /** The workbench's address; with `tests`, the module whose `run` the extension host calls. */
  url: (tests?: string) => string;
  /** Installs a packed extension, over whatever there is of it, while the server runs. */
  install: (vsix: string) => Promise<void>;
  /** Ends the server and all it started, and removes its data. */
  close: () => Promise<void>;
}

/** Starts a server on a free loopback port, with data of its own that is thrown away. */
export async function startCodeServer(options: ServerOptions): Promise<Server> {
  const data = mkdtempSync(join(tmpdir(), "tinytap-code-"));
  mkdirSync(join(data, "user/User"), { recursive: true });
  writeFileSync(join(data, "user/User/settings.json"), JSON.stringify({ ...quiet, ...options.settings }));
  installExtensions(join(data, "extensions"), options.others);
  const folders = ["--server-data-dir", join(data, "server"), "--user-data-dir", join(data, "user")];
  folders.push("--extensions-dir", join(data, "extensions"));
  const install = async (vsix: string): Promise<void> => {
    const flags = ["--accept-server-license-terms", "--force", "--install-extension", vsix];
    await run(await ensureNodePackage(), [join(vscode, "out/server-main.js"), ...flags, ...folders]);
  };
  for (const vsix of options.packed ?? []) await install(vsix);
  options.user?.own(data);
  const [command = "", ...args] = [
    ...(options.user?.prefix ?? []),
    await ensureNodePackage(),
    join(vscode, "out/server-main.js"),
    ...["--host", "127.0.0.1", "--port", "0", "--without-connection-token", "--accept-server-license-terms"],
    ...["--telemetry-level", "off", "--disable-workspace-trust", "--enable-smoke-test-driver"],
    // Seconds in which an extension host, and what it debugs, waits for a window that was closed.
    ...["--reconnection-grace-time", "60"],
    ...folders,
  ];
  // Inherited from a VS Code's terminal, these would make it talk to that one.
  const env = Object.fromEntries(
    Object.entries({ ...process.env, ...options.env }).filter(
      ([name]) => !/^(VSCODE_|ELECTRON_|NODE_OPTIONS$)/.test(name),
    ),
  );
  // A process group of its own, so that its extension hosts end with it.
  const child = spawn(command, args, {
    env,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const close = atEnd(async () => {
    // A debugger among them takes its time to end the program that it debugs.
    for (let tries = 0; tries < 100 && signalGroup(child.pid, tries === 0 ? "SIGTERM" : 0); tries++)
      await sleep(100);
    signalGroup(child.pid, "SIGKILL");
    rmSync(data, { recursive: true, force: true, maxRetries: 5 });
  });
  const port = await new Promise<string>((resolve, reject) => {
    let output = "";
    const take = (text: string): void => {
      options.log?.(text);
      output += text;
      const found = /listening on (\d+)/.exec(output)?.[1];
      if (found !== undefined) resolve(found);
    };
    child.stdout.setEncoding("utf8").on("data", take);
    child.stderr.setEncoding("utf8").on("data", take);
    child.on("error", reject);
    child.on("exit", (code) => reject(new Error(`code-server ended with ${code}:\n${output}`)));
  }).catch(async (error: unknown) => {
    await close();
    throw error;
  });
  const host = `127.0.0.1:${port}`;
  return {
    url: (tests) => {
      const remote = (path: string): string => `vscode-remote://${host}${path}`;
      const payload: string[][] = [];
      if (options.extension !== undefined)
        payload.push(["extensionDevelopmentPath", remote(options.extension)]);
      if (tests !== undefined) payload.push(["extensionTestsPath", remote(tests)]);
      const query = new URLSearchParams({ folder: options.workspace, payload: JSON.stringify(payload) });
      return `http://${host}/?${query.toString()}`;
    },
    install,
    close,
  };
}

/** @returns whether the group still had a process */
function signalGroup(pid: number | undefined, signal: NodeJS.Signals | 0): boolean {
  try {
    return pid !== undefined && process.kill(-pid, signal);
  } catch {
    return false;
  }
}

const quiet = {
  "chat.disableAIFeatures": true,
  "debug.toolBarLocation": "docked",
  "extensions.ignoreRecommendations": true,
  "security.workspace.trust.enabled": false,
  "telemetry.telemetryLevel": "off",
  "window.commandCenter": false,
  "workbench.secondarySideBar.defaultVisibility": "hidden",
  "workbench.startupEditor": "none",
};
