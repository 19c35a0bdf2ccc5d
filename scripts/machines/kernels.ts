/** The kernels that machines boot: Debian's, built for the cloud. */
import { globSync } from "node:fs";
import { join } from "node:path";
import { SetupError } from "../progress.mjs";
import { unpacked } from "./debian.ts";

export interface Kernel {
  /** As given on a command line, e.g. `6.1`. */
  name: string;
  suite: string;
  /** The package, or what its name looks like where the release has several. */
  package: string | RegExp;
  /** Why it is here. */
  age: string;
}

export const kernels: Kernel[] = [
  {
    name: "5.10",
    suite: "bullseye",
    package: "linux-image-cloud-amd64",
    age: "the oldest with a ring buffer",
  },
  {
    name: "6.1",
    suite: "bookworm",
    package: "linux-image-cloud-amd64",
    age: "do_tcp_sendpages",
  },
  {
    name: "6.12",
    suite: "trixie",
    package: "linux-image-cloud-amd64",
    age: "MSG_SPLICE_PAGES, by kprobe",
  },
  {
    name: "6.16",
    suite: "trixie-backports",
    package: /^linux-image-6\.16\.[\d.]+\+deb\d+-cloud-amd64$/,
    age: "the first with the raw tracepoint",
  },
  { name: "sid", suite: "sid", package: "linux-image-cloud-amd64", age: "the newest" },
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
