/**
 * By which a file leaves a machine: a port of virtio-serial, which kernels from 6.12 on have built in. It needs no right
 * here, as a mount would, and is a hundred times as fast as the emulated UART.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";

/** In the machine. */
const port = "/dev/vport0p1";

/** @returns QEMU's arguments for a port whose bytes go to `file` */
export function portDevices(file: string): string[] {
  // A comma in a value is written twice.
  const chardev = `file,id=port,path=${file.replaceAll(",", ",,")}`;
  return ["-device", "virtio-serial-pci", "-chardev", chardev, "-device", "virtserialport,chardev=port"];
}

/** @returns words for the machine's shell: `file` goes out, then its hash is told, in a line of the command's output */
export function send(file: string): string {
  return `cat ${file} > ${port} && echo "sent $(sha256sum < ${file})"`;
}

/** Whether `line` tells that a file was sent; throws where `file` is not what was. */
export function isSent(line: string, file: string): boolean {
  const hash = /^sent ([0-9a-f]{64})\b/.exec(line)?.[1];
  if (hash === undefined) return false;
  const arrived = createHash("sha256").update(readFileSync(file)).digest("hex");
  if (arrived !== hash) throw new Error(`the machine sent a file of SHA-256 ${hash}; ${arrived} arrived`);
  return true;
}
