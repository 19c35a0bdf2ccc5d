/** What every machine boots into: an initramfs of busybox, the programs it is given and their libraries. */
import { execFileSync } from "node:child_process";
import { globSync, readFileSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { which } from "../packages.mjs";
import { run } from "../progress.mjs";
import type { Archive } from "./cpio.ts";
import type { Unpacked } from "./kernels.ts";

const busybox = "/bin/busybox";

/** Debian's packages without which no machine boots. */
export const needs = [
  need("qemu-system-x86", "qemu-system-x86_64", "runs other kernels"),
  need("busybox-static", "busybox", "is what else a virtual machine needs"),
];

/** @returns the need of `program`, for ensurePackages */
export function need(name: string, program: string, why: string) {
  return { package: name, why, present: () => which(program) !== undefined };
}

/**
 * The first process and what it needs. `programs`: path in the machine → path here. `loaded`: libraries of ours that
 * programs load while they run. What init.sh runs is for `writeCommand`.
 */
export async function writeSystem(
  archive: Archive,
  programs: ReadonlyMap<string, string>,
  loaded: readonly string[],
): Promise<void> {
  for (const folder of ["/proc", "/sys", "/dev", "/tmp", "/root", "/run"]) archive.folder(folder);
  archive.file("/etc/passwd", "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n");
  archive.file("/etc/group", "root:x:0:\nnogroup:x:65534:\n");
  archive.file("/etc/hosts", "127.0.0.1 localhost\n::1 localhost\n");
  archive.file("/init", readFileSync(join(import.meta.dirname, "init.sh")), true);
  archive.copy(realpathSync(busybox), busybox);
  for (const path of await applets()) archive.link(`/${path}`, busybox);
  for (const [path, from] of programs) archive.copy(realpathSync(from), path);
  for (const library of await libraries([busybox, ...programs.values(), ...loaded]))
    archive.copy(realpathSync(library), library);
}

/** `command` is run by /bin/sh in /tinytap; `modules` of the kernel are loaded before, in their order, where it has them. */
export function writeCommand(
  archive: Archive,
  kernel: Unpacked,
  modules: readonly string[],
  command: string,
): void {
  const found = modules.flatMap((name) => globSync(`**/${name}.ko*`, { cwd: kernel.modules }));
  for (const [i, path] of found.entries()) {
    const module = join(kernel.modules, path);
    const content = path.endsWith(".xz")
      ? execFileSync("xz", ["-dc", module], { maxBuffer: 1 << 28 })
      : readFileSync(module);
    archive.file(`/modules/${String(i).padStart(2, "0")}.ko`, content);
  }
  archive.folder("/tinytap");
  archive.file("/command", command, true);
}

/** busybox's own list of where its applets belong, without those that we bring. */
async function applets(): Promise<string[]> {
  const all = (await run(busybox, ["--list-full"])).trim().split("\n");
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
