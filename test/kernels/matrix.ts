/** Runs the kernel suite on the host and in virtual machines, and there what can be run of test/native. */
import { spawn } from "node:child_process";
import { appendFileSync, copyFileSync, globSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { createInterface } from "node:readline";
import { atEnd } from "../../scripts/at-end.mjs";
import { fetchKernel, kernels, type Kernel } from "../../scripts/machines/kernels.ts";
import { boot, crashed, lastWords, maxAttempts } from "../../scripts/machines/machine.ts";
import { need, needs } from "../../scripts/machines/system.ts";
import { ensurePackages } from "../../scripts/packages.mjs";
import { root } from "../../scripts/paths.mjs";
import { say, SetupError } from "../../scripts/progress.mjs";
import { ensureServers } from "../servers/build.ts";
import { asScript, writeBase, writeOwn } from "./image.ts";
import { complaints, Results, type Feature } from "./results.ts";

/** Far above what an emulated processor takes, shared with another machine. Milliseconds. */
const timeout = 40 * 60_000;
const host = "host";
/** The column of test/native, and its kernel. */
export const native = "native";
const nativeKernel = "6.12";
export const everything = "test/kernel/*.test.ts";
const pages = "test/kernel/{go,sendfile,sharing,splice,syscalls}.test.ts";
const pagesAndSums = "test/kernel/{go,ktls,sendfile,sharing,splice,sums,syscalls}.test.ts";
/** Of test/native what no machine has the means for; in the others single tests say so. */
export const unfit = new Map([
  ["ending", "takes npm, and script(1) of util-linux"],
  ["user", "takes sudo"],
  ["websocket", "takes an npm package, ws"],
  ["grpc", "takes an npm package, @grpc/grpc-js"],
  ["grpc-go", "takes modules from Go's proxy"],
  ["descriptions", "takes modules from Go's proxy"],
  ["programs", "takes nghttp2, Python's servers, npm packages and modules from Go's proxy"],
]);
/** What `npm test` runs where the neighbours prove the rest. */
const bearing = new Map([
  ["6.1", pages],
  ["6.12", pagesAndSums],
  ["6.16", pages],
]);
const reporter = "scripts/reporter.ts";

function nativeFiles(): string {
  const names = globSync("test/native/*.test.ts", { cwd: root }).map((file) => basename(file, ".test.ts"));
  return `test/native/{${names.filter((name) => !unfit.has(name)).join(",")}}.test.ts`;
}

export interface MatrixOptions {
  /** Names of kernels, `host`, or `native`; empty: all but that. */
  names: string[];
  /** Which files of the kernel suite; absent: those of each kernel. */
  files?: string;
  /** Virtual machines at a time. */
  atOnce: number;
}

/** One column per kernel, in their order. Throws SetupError. */
export async function runMatrix({ names, files, atOnce }: MatrixOptions): Promise<Results[]> {
  const all = [host, ...kernels.map(({ name }) => name)];
  const known = [...all, native];
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0)
    throw new SetupError(`no kernel ${unknown.join(", ")}; there are ${known.join(", ")}`);
  const wanted = names.length === 0 ? all : known.filter((name) => names.includes(name));
  await ensurePackages([
    ...needs,
    need("xz-utils", "xz", "unpacks kernel modules"),
    need("bpftool", "bpftool", "says what a dead helper left in the kernel"),
    need("e2fsprogs", "mke2fs", "makes the file systems under test"),
    need("python3", "python3", "is one of the servers under test"),
  ]);
  const folder = mkdtempSync(join(tmpdir(), "tinytap-kernels-"));
  const remove = atEnd(async () => rmSync(folder, { recursive: true, force: true }));
  try {
    await writeBase(join(folder, "base"), await ensureServers());
    const results = wanted.map((name) => new Results(name));
    // The long ones first, or the last would run alone.
    const isLong = ({ column }: Results) => !bearing.has(column);
    const queue = results.toSorted((a, b) => Number(isLong(b)) - Number(isLong(a))).values();
    const work = async () => {
      for (const one of queue) await runOne(one, folder, files);
    };
    await Promise.all(Array.from({ length: atOnce }, work));
    return results;
  } finally {
    await remove();
  }
}

async function runOne(results: Results, folder: string, chosen: string | undefined): Promise<void> {
  const kernel = kernelOf(results.column);
  const files = chosen ?? (results.column === native ? nativeFiles() : kernelFiles(results.column));
  const began = Date.now();
  do {
    results.begin();
    try {
      for await (const line of kernel === undefined
        ? onHost(files)
        : onKernel(kernel, results.column, folder, files)) {
        const feature = results.take(line);
        if (feature !== undefined) say(`${results.column}: ${describe(feature)}`);
      }
      if (!results.complete) throw new Error("it ended before its tests did");
    } catch (error) {
      results.error = String(error);
    }
    if (results.complete || kernel === undefined) break;
    const words = lastWords(logOf(results.column, folder));
    results.error += `\n${words}`;
    if (!crashed.test(words) || results.features.some(({ failed }) => failed.length > 0)) break;
    say(`${results.column}: the machine crashed: ${results.error}`);
  } while (results.attempts < maxAttempts);
  results.seconds = Math.round((Date.now() - began) / 1000);
  const verdict = results.passed ? "passed" : `FAILED\n${complaints([results])}`;
  say(`${results.column} (${results.release}), ${results.seconds} s: ${verdict}`);
}

/** Undefined: the host. */
function kernelOf(column: string): Kernel | undefined {
  return kernels.find(({ name }) => name === (column === native ? nativeKernel : column));
}

function kernelFiles(column: string): string {
  return bearing.get(column) ?? everything;
}

function logOf(column: string, folder: string): string {
  return join(folder, `${column}.log`);
}

function describe({ name, passed, failed, skipped, seconds }: Feature): string {
  // At once, as the whole reason comes only with the machine's end.
  const why = (reason: string) => reason.replaceAll(/\s+/g, " ").slice(0, 400);
  const bad = failed.map((each) => `, FAILED: ${each.name}: ${why(each.reason)}`).join("");
  return `${name}: ${passed} passed${bad}${skipped.map((reason) => `, skipped: ${reason}`).join("")} (${seconds} s)`;
}

/** The same words for the host and for a machine; the first line is the diagnosis. */
function suite(node: string, files: string, reporter: string): string {
  const flags = "--test-concurrency=1 --test-timeout=300000 --test-reporter-destination=stdout";
  return `${node} dist/cli.cjs doctor --json | tr -d '\\n'; echo
${node} --test ${flags} --test-reporter=./${reporter} ${files}
`;
}

async function* onHost(files: string): AsyncGenerator<string> {
  const prefix = process.getuid?.() === 0 ? [] : ["sudo", "-n", "-E"];
  const [command, ...args] = [...prefix, "/bin/sh", "-c", suite(process.execPath, files, reporter)];
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const child = spawn(command, args, { cwd: root, env, stdio: ["ignore", "pipe", "inherit"] });
  const ended = once(child, "close");
  yield* createInterface({ input: child.stdout });
  await ended;
}

async function* onKernel(
  kernel: Kernel,
  column: string,
  folder: string,
  files: string,
): AsyncGenerator<string> {
  const unpacked = await fetchKernel(kernel);
  const initramfs = join(folder, `${column}.initramfs`);
  const own = join(folder, `${column}.own`);
  const command = `export TINYTAP_SERVERS=/servers TINYTAP_SMALL=1\n${suite("node", asScript(files), asScript(reporter))}`;
  writeOwn(own, unpacked, command);
  copyFileSync(join(folder, "base"), initramfs);
  appendFileSync(initramfs, readFileSync(own));
  try {
    yield* boot({ image: unpacked.image, initramfs, log: logOf(column, folder), timeout });
  } finally {
    rmSync(initramfs);
  }
}
