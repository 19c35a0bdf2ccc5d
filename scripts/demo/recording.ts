/**
 * The main job where this machine's kernel lets nobody watch: in an emulated machine with a kernel of Debian's, the Go
 * file server under `tinytap capture`, and the recording that comes out of it.
 */
import { randomBytes } from "node:crypto";
import { globSync, existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ensureGo } from "../go.ts";
import { Archive } from "../machines/cpio.ts";
import { noOtherReleases } from "../machines/debian.ts";
import { fetchKernel, kernels, type Unpacked } from "../machines/kernels.ts";
import { receive, send } from "../machines/port.ts";
import { needs, writeCommand, writeSystem } from "../machines/system.ts";
import { ensurePackages } from "../packages.mjs";
import { dist, root } from "../paths.mjs";
import { run, SetupError, step } from "../progress.mjs";

/** One that has virtio's ports built in, and both sources of sendfile's bodies. */
const release = "6.12";
/** It takes half a minute; a machine with one slow processor may take some. Milliseconds. */
const timeout = 10 * 60_000;
const example = "examples/go-files";

/**
 * Makes the recording, a HAR, in `folder`.
 * @returns its path
 * @throws {SetupError} with the machine's last words where it didn't come to its end
 */
export async function record(folder: string): Promise<string> {
  const kernel = await findKernel();
  const initramfs = join(folder, "initramfs");
  const file = join(folder, "go-files.har");
  await writeImage(initramfs, kernel, await buildServer(folder));
  const machine = { image: kernel.image, initramfs, log: join(folder, "console"), timeout };
  try {
    await step(`recording the Go file server on Linux ${kernel.release}, emulated`, (tell) =>
      receive(machine, file, tell),
    );
  } catch (error) {
    throw new SetupError(String(error));
  }
  return file;
}

async function findKernel(): Promise<Unpacked> {
  await ensurePackages(needs);
  const why = await noOtherReleases();
  const kernel = kernels.find(({ name }) => name === release);
  if (why !== false || kernel === undefined) throw new SetupError(`no kernel to emulate: ${String(why)}`);
  return fetchKernel(kernel);
}

/** Static, so that the machine needs no C library for it. */
async function buildServer(folder: string): Promise<string> {
  const server = join(folder, "go-files");
  const env = { ...(await ensureGo()), CGO_ENABLED: "0", GOFLAGS: "" };
  await run("go", ["build", "-o", server, "."], { cwd: join(root, example), env });
  return server;
}

async function writeImage(file: string, kernel: Unpacked, server: string): Promise<void> {
  // The server would make one of its own, and here is to be known what it sent.
  const large = join(root, example, "files/large.bin");
  if (!existsSync(large)) writeFileSync(large, randomBytes(1 << 20));
  const archive = new Archive(file);
  const programs = new Map([
    ["/usr/bin/node", process.execPath],
    ["/usr/bin/go-files", server],
  ]);
  await writeSystem(archive, programs, [join(dist, "tinytap.node")]);
  // Where the server was compiled, there it looks for its files.
  archive.copy(join(root, example, "files"));
  const ours = [
    "package.json",
    "dist/*.{cjs,node,o}",
    "scripts/demo/recorder.mjs",
    "scripts/demo-extension/requests.cjs",
  ];
  for (const path of globSync(ours, { cwd: root })) archive.copy(join(root, path), `/tinytap/${path}`);
  const recorded = "/tmp/go-files.har";
  const words = `node scripts/demo/recorder.mjs /usr/bin/go-files ${recorded} 2>&1 && ${send(recorded)}\n`;
  writeCommand(archive, kernel, [], words);
  archive.end();
}
