/** An initramfs archive (cpio, "newc"), written without root and without staging a tree. */
import { closeSync, lstatSync, openSync, readdirSync, readFileSync, readlinkSync, writeSync } from "node:fs";
import { dirname, join } from "node:path";

const directory = 0o40000;
const regular = 0o100000;
const link = 0o120000;

export class Archive {
  readonly #fd: number;
  readonly #folders = new Set<string>(["/", "."]);
  #inode = 1;

  constructor(file: string) {
    this.#fd = openSync(file, "w");
  }

  /** An empty folder, and those above it. Paths are absolute. */
  folder(path: string): void {
    if (this.#folders.has(path)) return;
    this.folder(dirname(path));
    this.#folders.add(path);
    this.#entry(path, directory | 0o755, Buffer.alloc(0));
  }

  file(path: string, content: Buffer | string, executable = false): void {
    this.folder(dirname(path));
    this.#entry(path, regular | (executable ? 0o755 : 0o644), Buffer.from(content));
  }

  link(path: string, target: string): void {
    this.folder(dirname(path));
    this.#entry(path, link | 0o777, Buffer.from(target));
  }

  /** A file, or a folder with all that is in it; links stay links, unless the one named is one itself. */
  copy(from: string, to = from, wanted: (name: string) => boolean = () => true): void {
    const stat = lstatSync(from, { throwIfNoEntry: true });
    if (stat.isSymbolicLink()) return this.link(to, readlinkSync(from));
    if (!stat.isDirectory()) return this.file(to, readFileSync(from), (stat.mode & 0o100) !== 0);
    this.folder(to);
    for (const name of readdirSync(from))
      if (wanted(name)) this.copy(join(from, name), join(to, name), wanted);
  }

  end(): void {
    this.#entry("/TRAILER!!!", 0, Buffer.alloc(0));
    closeSync(this.#fd);
  }

  #entry(path: string, mode: number, content: Buffer): void {
    const name = `${path.slice(1)}\0`;
    // inode, mode, uid, gid, links, mtime, size, four device numbers, length of the name, checksum
    const numbers = [this.#inode++, mode, 0, 0, 1, 0, content.length, 0, 0, 0, 0, name.length, 0];
    const header = `070701${numbers.map((number) => number.toString(16).padStart(8, "0")).join("")}${name}`;
    writeAll(this.#fd, padded(Buffer.from(header)));
    writeAll(this.#fd, padded(content));
  }
}

function padded(bytes: Buffer): Buffer {
  const rest = -bytes.length & 3;
  return rest === 0 ? bytes : Buffer.concat([bytes, Buffer.alloc(rest)]);
}

function writeAll(fd: number, bytes: Buffer): void {
  for (let done = 0; done < bytes.length;) done += writeSync(fd, bytes, done);
}
