/**
 * By which a file leaves a machine: a port of virtio-serial, which kernels from 6.12 on have built in. It needs no right
 * here, as a mount would, and is a hundred times as fast as the emulated UART.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { boot, crashed, lastWords, maxAttempts, type Machine } from "./machine.ts";

/** In the machine. */
const port = "/dev/vport0p1";

/** @returns words for the machine's shell: `file` goes out, then its hash is told, in a line of the command's output */
export function send(file: string): string {
  return `cat ${file} > ${port} && echo "sent $(sha256sum < ${file})"`;
}

/**
 * Boots a machine whose command sends a file, which becomes `file`. `tell` gets the lines of the command's output, those
 * of another attempt too. Throws, with the console's last lines, where not the whole file arrived before the machine's end.
 */
export async function receive(
  machine: Omit<Machine, "devices" | "processors">,
  file: string,
  tell: (line: string) => void,
): Promise<void> {
  for (let attempt = 1; ; attempt++)
    try {
      await receiveOnce(machine, file, tell);
      return;
    } catch (error) {
      const words = `${String(error)}\n${lastWords(machine.log)}`;
      if (attempt === maxAttempts || !crashed.test(words)) throw new Error(words, { cause: error });
    }
}

async function receiveOnce(machine: Machine, file: string, tell: (line: string) => void): Promise<void> {
  // A comma in a value is written twice.
  const chardev = `file,id=port,path=${file.replaceAll(",", ",,")}`;
  const devices = ["virtio-serial-pci", "virtserialport,chardev=port"].flatMap((name) => ["-device", name]);
  // With two processors a kernel that patches its code while the other runs it can die of it: QEMU's int3 comes too late.
  const one = { ...machine, processors: 1, devices: ["-chardev", chardev, ...devices] };
  let sent: string | undefined;
  for await (const line of boot(one)) {
    tell(line);
    sent = /^sent ([0-9a-f]{64})\b/.exec(line)?.[1] ?? sent;
  }
  if (sent === undefined) throw new Error("the machine ended, and had sent no file");
  const arrived = createHash("sha256").update(readFileSync(file)).digest("hex");
  if (arrived !== sent) throw new Error(`the machine sent a file of SHA-256 ${sent}; ${arrived} arrived`);
}
