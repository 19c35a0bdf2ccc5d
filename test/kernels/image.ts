/** The initramfs: Node, what is under test, the suites and the servers. */
import { globSync, readFileSync, realpathSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { dirname, join } from "node:path";
import { Archive } from "../../scripts/machines/cpio.ts";
import type { Unpacked } from "../../scripts/machines/kernels.ts";
import { writeCommand, writeSystem } from "../../scripts/machines/system.ts";
import { dist, root } from "../../scripts/paths.mjs";

/** Modules that the suite needs where they aren't built in, in the order of loading. */
const fileSystems = ["loop", "crc16", "mbcache", "jbd2", "ext4", "overlay"];
const kernelTls = ["gf128mul", "ghash-generic", "ctr", "crypto_null", "gcm", "tls"];
const modules = [...fileSystems, ...kernelTls];
/** Of Python's library: nothing that a server has no use for. */
const unwanted = /^(?:config-3|test$|idlelib|lib2to3|ensurepip|pydoc_data|tkinter|__pycache__)/;

/** Of the checkout: what goes as it is, folders as a whole, */
const plain = [
  ...["dist/*.{cjs,node,o}", "package.json", "scripts/*.mjs", "node_modules/vscode-jsonrpc"],
  ...["test/kernel/harness/*.pem", "test/servers/node", "test/servers/python"],
];
/** and without its types: the suites, and what test/native takes to pieces. */
const typed = [
  "scripts/reporter.ts",
  "{client,helper,protocol}/**/*.ts",
  "test/kernel/**/*.ts",
  "test/native/*.ts",
];

/** What all kernels have in common; the checkout lies at /tinytap. */
export async function writeBase(file: string, servers: string): Promise<void> {
  const archive = new Archive(file);
  for (const folder of ["/var/lib/nginx", "/var/log/nginx"]) archive.folder(folder);
  const programs = new Map<string, string>([
    ["/usr/bin/node", process.execPath],
    ["/usr/bin/python3", "/usr/bin/python3"],
    ["/usr/sbin/mke2fs", "/usr/sbin/mke2fs"],
    ["/usr/sbin/bpftool", "/usr/sbin/bpftool"],
    ...["go", "moves", "nginx", "caddy"].map((name) => [`/servers/${name}`, join(servers, name)] as const),
  ]);
  const loaded = [
    join(dist, "tinytap.node"),
    ...globSync("/usr/lib/python3.*/lib-dynload/_{ctypes,ssl}.*.so"),
  ];
  await writeSystem(archive, programs, loaded);
  archive.copy(realpathSync(join(servers, "gunicorn")), "/servers/gunicorn");
  const [python] = globSync("/usr/lib/python3.*/http");
  if (python !== undefined) archive.copy(dirname(python), dirname(python), (name) => !unwanted.test(name));
  for (const path of globSync(plain, { cwd: root })) archive.copy(join(root, path), `/tinytap/${path}`);
  for (const path of globSync(typed, { cwd: root }))
    archive.file(`/tinytap/${asScript(path)}`, withoutTypes(join(root, path)));
  archive.end();
}

/** What a TypeScript file, or a pattern of such, is called in a machine. */
export function asScript(path: string): string {
  return path.replace(/\.ts$/, ".mjs");
}

/** Node could do without: but what takes the types away would take an emulated processor seconds to load, for each file. */
function withoutTypes(file: string): string {
  const script = stripTypeScriptTypes(readFileSync(file, "utf8"));
  return script.replaceAll(/(?<=from ")\.[^"]*\.ts(?=")/g, asScript);
}

/** What belongs to one kernel; to be appended to the base. `command` is run by /bin/sh in /tinytap. */
export function writeOwn(file: string, kernel: Unpacked, command: string): void {
  const archive = new Archive(file);
  writeCommand(archive, kernel, modules, command);
  archive.end();
}
