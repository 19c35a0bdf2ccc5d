/** The initramfs: busybox, Node, what is under test, the suite and its servers. */
import { execFileSync } from "node:child_process";
import { globSync, readFileSync, realpathSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { dirname, join } from "node:path";
import { dist, root } from "../../scripts/paths.mjs";
import { run } from "../../scripts/progress.mjs";
import { Archive } from "./cpio.ts";
import type { Unpacked } from "./kernels.ts";

/** Modules that the suite needs where they aren't built in, in the order of loading. */
const fileSystems = ["loop", "crc16", "mbcache", "jbd2", "ext4", "overlay"];
const kernelTls = ["gf128mul", "ghash-generic", "ctr", "crypto_null", "gcm", "tls"];
const modules = [...fileSystems, ...kernelTls];
/** Of Python's library: nothing that a server has no use for. */
const unwanted = /^(?:config-3|test$|idlelib|lib2to3|ensurepip|pydoc_data|tkinter|__pycache__)/;

/** What all kernels have in common; the checkout lies at /tinytap. */
export async function writeBase(file: string, servers: string): Promise<void> {
  const archive = new Archive(file);
  for (const folder of ["/proc", "/sys", "/dev", "/tmp", "/root", "/run", "/var/lib/nginx", "/var/log/nginx"])
    archive.folder(folder);
  archive.file("/etc/passwd", "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n");
  archive.file("/etc/group", "root:x:0:\nnogroup:x:65534:\n");
  archive.file("/init", readFileSync(join(import.meta.dirname, "init.sh")), true);
  archive.copy("/bin/busybox", "/bin/busybox");
  for (const path of await applets()) archive.link(`/${path}`, "/bin/busybox");
  const programs = new Map<string, string>([
    ["/usr/bin/node", process.execPath],
    ["/usr/bin/python3", "/usr/bin/python3"],
    ["/usr/sbin/mke2fs", "/usr/sbin/mke2fs"],
    ["/usr/sbin/bpftool", "/usr/sbin/bpftool"],
    ...["go", "moves", "nginx", "caddy"].map((name) => [`/servers/${name}`, join(servers, name)] as const),
  ]);
  for (const [path, from] of programs) archive.copy(realpathSync(from), path);
  const loaded = [join(dist, "tinytap.node"), ...globSync("/usr/lib/python3.*/lib-dynload/_ssl.*.so")];
  for (const library of await libraries(["/bin/busybox", ...programs.values(), ...loaded]))
    archive.copy(realpathSync(library), library);
  archive.copy(realpathSync(join(servers, "gunicorn")), "/servers/gunicorn");
  const [python] = globSync("/usr/lib/python3.*/http");
  if (python !== undefined) archive.copy(dirname(python), dirname(python), (name) => !unwanted.test(name));
  for (const path of globSync(["dist/*.{cjs,node,o}", "test/kernel/harness/*.pem", "package.json"], {
    cwd: root,
  }))
    archive.copy(join(root, path), `/tinytap/${path}`);
  for (const path of globSync(["scripts/reporter.ts", "test/kernel/**/*.ts"], { cwd: root }))
    archive.file(`/tinytap/${asScript(path)}`, withoutTypes(join(root, path)));
  for (const path of ["test/servers/node", "test/servers/python"])
    archive.copy(join(root, path), `/tinytap/${path}`);
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
export async function writeOwn(file: string, kernel: Unpacked, command: string): Promise<void> {
  const archive = new Archive(file);
  const found = modules.flatMap((name) => globSync(`**/${name}.ko*`, { cwd: kernel.modules }));
  for (const [i, path] of found.entries()) {
    const module = join(kernel.modules, path);
    const content = path.endsWith(".xz")
      ? execFileSync("xz", ["-dc", module], { maxBuffer: 1 << 28 })
      : readFileSync(module);
    archive.file(`/modules/${String(i).padStart(2, "0")}.ko`, content);
  }
  archive.file("/command", command, true);
  archive.end();
}

/** busybox's own list of where its applets belong, without those that we bring. */
async function applets(): Promise<string[]> {
  const all = (await run("/bin/busybox", ["--list-full"])).trim().split("\n");
  return all.filter((path) => !["bin/busybox", "linuxrc", "init", "sbin/init"].includes(path));
}

/** The shared libraries of all these, by the paths under which they are looked for. */
async function libraries(files: string[]): Promise<string[]> {
  const found = new Set<string>();
  for (const file of files) {
    const listed = await run("ldd", [file]).catch(() => ""); // a static program has none
    for (const [, path = ""] of listed.matchAll(/(?:=> |^\s*)(\/\S+) \(/gm)) found.add(path);
  }
  return [...found];
}
