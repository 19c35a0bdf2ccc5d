/** Builds and fetches the servers of the kernel suite; everything runs from where it lies, nothing is installed. */
import { mkdirSync, readdirSync, rmSync, statSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { ensureGo } from "../../scripts/go.ts";
import { locked } from "../../scripts/lock.mjs";
import { dist, root } from "../../scripts/paths.mjs";
import { run, step } from "../../scripts/progress.mjs";
import { ownSuite, unpacked } from "../../scripts/machines/debian.ts";

const sources = join(root, "test/servers");

const fetched = [
  { name: "nginx", package: "nginx", along: /^$/, path: "usr/sbin/nginx" },
  { name: "caddy", package: "caddy", along: /^$/, path: "usr/bin/caddy" },
  {
    name: "gunicorn",
    package: "python3-gunicorn",
    along: /^python3-(?:pkg-resources|setuptools)$/,
    path: "usr/lib/python3/dist-packages",
  },
  // With those of their libraries that not every machine has; Ubuntu's names end in t64.
  {
    name: "apache",
    package: "apache2-bin",
    along: /^lib(?:apr1|aprutil1|pcre2-8-0|expat1|uuid1)(?:t64)?$/,
    path: ".",
  },
  {
    name: "haproxy",
    package: "haproxy",
    along: /^lib(?:lua5\.[34]-0|opentracing-c-wrapper0|opentracing1|pcre2-8-0|stdc\+\+6|ssl3)(?:v5|t64)?$/,
    path: ".",
  },
];

/**
 * The folder with the executables `go`, `moves`, `nginx`, `caddy`, the modules of `gunicorn`, and the unpacked `apache`
 * and `haproxy`.
 */
export function ensureServers(): Promise<string> {
  const folder = join(dist, "servers");
  mkdirSync(folder, { recursive: true });
  return locked(join(folder, ".lock"), async () => {
    await bring(join(folder, "go"), "go", buildGo);
    await bring(join(folder, "moves"), "c", buildC);
    for (const { name, package: wanted, along, path } of fetched) {
      const link = join(folder, name);
      const at = join(await unpacked(ownSuite(), wanted, along), path);
      rmSync(link, { force: true });
      symlinkSync(at, link);
    }
    return folder;
  });
}

/** The executable of a server by grpc-go; its modules come from Go's proxy. */
export async function ensureGrpcServer(): Promise<string> {
  const folder = join(dist, "servers");
  mkdirSync(folder, { recursive: true });
  return locked(join(folder, ".lock"), async () => {
    await bring(join(folder, "grpc"), "grpc", buildGo);
    return join(folder, "grpc");
  });
}

async function bring(output: string, from: string, build: (output: string, from: string) => Promise<void>) {
  const files = readdirSync(join(sources, from)).map((name) => join(sources, from, name));
  const built = statSync(output, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  if (files.every((file) => statSync(file).mtimeMs < built)) return;
  await step(`building test/servers/${from}`, () => build(output, join(sources, from)));
}

/** Static, so that it runs in a VM without a C library. */
async function buildGo(output: string, from: string): Promise<void> {
  const env = { ...(await ensureGo()), CGO_ENABLED: "0", GOFLAGS: "" };
  await run("go", ["build", "-o", output, "."], { cwd: from, env });
}

async function buildC(output: string, from: string): Promise<void> {
  const files = readdirSync(from).filter((name) => name.endsWith(".c"));
  const flags = ["-static", "-O2", "-pthread", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Werror"];
  await run("cc", [...flags, "-o", output, ...files], { cwd: from });
}
