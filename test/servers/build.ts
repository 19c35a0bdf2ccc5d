/** Builds and fetches the servers of the kernel suite; everything runs from where it lies, nothing is installed. */
import { mkdirSync, readdirSync, rmSync, statSync, symlinkSync } from "node:fs";
import { basename, join } from "node:path";
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
  {
    name: "nghttp2",
    package: "nghttp2-client",
    along: /^lib(?!c6|gcc|stdc)/,
    path: ".",
  },
  {
    name: "hypercorn",
    package: "python3-hypercorn",
    along: /^python3-(?:h11|h2|hpack|hyperframe|priority|toml|typing-extensions|wsproto)$/,
    path: "usr/lib/python3/dist-packages",
  },
  {
    name: "uvicorn",
    package: "python3-uvicorn",
    along: /^python3-(?:asgiref|click|colorama|h11|typing-extensions|wsproto)$/,
    path: "usr/lib/python3/dist-packages",
  },
  {
    name: "websockets",
    package: "python3-websockets",
    along: /^$/,
    path: "usr/lib/python3/dist-packages",
  },
];

/**
 * The folder with the executables `go`, `moves`, `nginx`, `caddy`, the modules of `gunicorn`, `hypercorn`, `uvicorn` and
 * `websockets`, and the unpacked `apache`, `haproxy` and `nghttp2`.
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
export function ensureGrpcServer(): Promise<string> {
  return ensureGrpc("grpc", ".");
}

/** That of a client which anybody may ask such a server with. */
export function ensureGrpcurl(): Promise<string> {
  return ensureGrpc("grpcurl", "github.com/fullstorydev/grpcurl/cmd/grpcurl");
}

async function ensureGrpc(name: string, goPackage: string): Promise<string> {
  const folder = join(dist, "servers");
  mkdirSync(folder, { recursive: true });
  return locked(join(folder, `.${name}.lock`), async () => {
    await bring(join(folder, name), "grpc", (output, from) => buildGo(output, from, goPackage));
    return join(folder, name);
  });
}

async function bring(output: string, from: string, build: (output: string, from: string) => Promise<void>) {
  const files = readdirSync(join(sources, from)).map((name) => join(sources, from, name));
  const built = statSync(output, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  if (files.every((file) => statSync(file).mtimeMs < built)) return;
  await step(`building ${basename(output)} in test/servers/${from}`, () =>
    build(output, join(sources, from)),
  );
}

/** Static, so that it runs in a VM without a C library. */
async function buildGo(output: string, from: string, goPackage = "."): Promise<void> {
  const env = { ...(await ensureGo()), CGO_ENABLED: "0", GOFLAGS: "" };
  await run("go", ["build", "-o", output, goPackage], { cwd: from, env });
}

async function buildC(output: string, from: string): Promise<void> {
  const files = readdirSync(from).filter((name) => name.endsWith(".c"));
  const flags = ["-static", "-O2", "-pthread", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Werror"];
  await run("cc", [...flags, "-o", output, ...files], { cwd: from });
}
