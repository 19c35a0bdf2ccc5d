/** The kernels of the matrix: Debian's, built for the cloud. */
import { globSync } from "node:fs";
import { join } from "node:path";
import { SetupError } from "../../scripts/progress.mjs";
import { unpacked } from "./debian.ts";

export interface Kernel {
  /** As given on the command line, e.g. `6.1`. */
  name: string;
  suite: string;
  /** The package, or what its name looks like where the release has several. */
  package: string | RegExp;
  /** Why it is here. */
  age: string;
  /** What `npm test` runs there: less where only the way of the pages differs from the neighbours'. */
  files: string;
}

export const everything = "test/kernel/*.test.ts";
const pages = "test/kernel/{go,sendfile,sharing,splice,syscalls}.test.ts";
const pagesAndSums = "test/kernel/{go,ktls,sendfile,sharing,splice,sums,syscalls}.test.ts";

export const kernels: Kernel[] = [
  {
    name: "5.10",
    suite: "bullseye",
    package: "linux-image-cloud-amd64",
    age: "the oldest with a ring buffer",
    files: everything,
  },
  {
    name: "6.1",
    suite: "bookworm",
    package: "linux-image-cloud-amd64",
    age: "do_tcp_sendpages",
    files: pages,
  },
  {
    name: "6.12",
    suite: "trixie",
    package: "linux-image-cloud-amd64",
    age: "MSG_SPLICE_PAGES, by kprobe",
    files: pagesAndSums,
  },
  {
    name: "6.16",
    suite: "trixie-backports",
    package: /^linux-image-6\.16\.[\d.]+\+deb\d+-cloud-amd64$/,
    age: "the first with the raw tracepoint",
    files: pages,
  },
  { name: "sid", suite: "sid", package: "linux-image-cloud-amd64", age: "the newest", files: everything },
];

export interface Unpacked {
  /** e.g. `6.1.0-50-cloud-amd64` */
  release: string;
  image: string;
  /** Folder of its modules. */
  modules: string;
}

export async function fetchKernel(kernel: Kernel): Promise<Unpacked> {
  const folder = await unpacked(
    kernel.suite,
    kernel.package,
    /^linux-(?:image|binary|modules)-\d.*-cloud-amd64$/,
  );
  const [image] = globSync("{boot,usr/lib/modules/*}/vmlinuz*", { cwd: folder });
  const [modules] = globSync("{lib,usr/lib}/modules/*/kernel", { cwd: folder });
  if (image === undefined || modules === undefined)
    throw new SetupError(`the package of kernel ${kernel.name} has no image or no modules`);
  const release = modules.split("/").at(-2) ?? "";
  return { release, image: join(folder, image), modules: join(folder, modules) };
}
