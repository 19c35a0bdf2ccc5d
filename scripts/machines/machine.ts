/** A virtual machine that runs one command and ends. */
import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { atEnd } from "../at-end.mjs";

export interface Machine {
  image: string;
  initramfs: string;
  /** Where the kernel's log goes. */
  log: string;
  /** Milliseconds until it is stopped. */
  timeout: number;
  /** Two, unless said otherwise. */
  processors?: number;
  /** QEMU's arguments for more of them. */
  devices?: readonly string[];
}

/** Lines of the command's output. Ends with the machine; throws where it had to be stopped. */
export async function* boot({
  image,
  initramfs,
  log,
  timeout,
  processors = 2,
  devices = [],
}: Machine): AsyncGenerator<string> {
  // Without cmpxchg16b: under QEMU 7.2 a 6.12 died right behind it with garbage in its flags, and 5.10 hung; so far not again.
  // What a real processor has to be fast, an emulated one does byte by byte (`rep movsb`), or walks for (a fifth level of pages).
  const model = "max,cx16=off,erms=off,fsrm=off,la57=off";
  const processor = ["-accel", "tcg,thread=multi", "-cpu", model, "-smp", `${processors}`];
  // A kernel that hangs ends itself; an emulated processor on a busy machine is no reason.
  const words =
    "console=ttyS0 panic=-1 softlockup_panic=1 watchdog_thresh=60 ignore_loglevel mitigations=off";
  const child = spawn(
    "qemu-system-x86_64",
    [
      ...[...processor, "-m", "2G", "-nodefaults", "-no-reboot"],
      ...["-display", "none", "-serial", `file:${log}`, "-serial", "stdio"],
      ...devices,
      ...["-kernel", image, "-initrd", initramfs, "-append", words],
    ],
    { stdio: ["ignore", "pipe", "pipe"] },
  );
  const kill = atEnd(async () => void child.kill("SIGKILL"));
  let stopped = false;
  let complaints = "";
  child.stderr.on("data", (text: Buffer) => (complaints += text.toString()));
  const ended = new Promise<number | null>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  });
  const timer = setTimeout(() => {
    stopped = true;
    child.kill("SIGKILL");
  }, timeout);
  try {
    for await (const line of createInterface({ input: child.stdout })) yield line.trimEnd();
    const code = await ended;
    if (stopped) throw new Error(`stopped after ${timeout / 1000} s`);
    if (code !== 0) throw new Error(`qemu ended with ${code}: ${complaints}`);
  } finally {
    clearTimeout(timer);
    await kill();
  }
}

/** Emulated kernels crash now and then, some before they have started anything: then it is worth another try. */
export const maxAttempts = 3;
export const crashed = /Kernel panic|BUG: |Oops: |general protection fault/;

/** What the kernel said before it ended: of a crash its first lines, which name it. */
export function lastWords(log: string): string {
  if (!existsSync(log)) return "it has not begun";
  const lines = readFileSync(log, "utf8")
    .trimEnd()
    .split(/[\r\n]+/);
  const crash = lines.findIndex((line) => crashed.test(line));
  return (crash < 0 ? lines.slice(-40) : lines.slice(crash, crash + 60)).join("\n");
}
