/** The servers under test. In a VM everything is there already; on the host it is built first. */
import { randomBytes } from "node:crypto";
import { globSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

export type ServerName = "go" | "moves" | "nginx" | "caddy" | PythonName | UnpackedName;
type PythonName = "gunicorn" | "hypercorn" | "uvicorn" | "websockets";
type UnpackedName = "apache" | "haproxy" | "nghttp2";

/**
 * Path of the executable; of what is Python's, the folder of its modules; of what has libraries of its own, the folder in
 * which it is unpacked. No machine of the matrix has Apache, HAProxy and what speaks HTTP/2.
 */
export async function executable(name: ServerName): Promise<string> {
  const folder = process.env["TINYTAP_SERVERS"];
  if (folder !== undefined) return join(folder, name);
  const { ensureServers } = await import("../../servers/build.ts");
  return join(await ensureServers(), name);
}

/** True where a whole suite would take too long: under an emulated processor. */
export const small = process.env["TINYTAP_SMALL"] !== undefined;

/** Around what pages, socket buffers and our own limits make of bodies. */
export const sizes = [
  ...[0, 1, 511, 512, 513, 4095, 4096, 4097, 65_535, 65_536, 65_537, 1 << 20],
  ...(small ? [] : [10 << 20]),
  ...Array.from(
    randomBytes(small ? 2 : 6),
    (byte, i) => 1 + Math.floor((byte / 256) ** 3 * (i % 2 ? 3e6 : 3e4)),
  ),
];

/** A folder with files `f<size>` of random bytes; `remove` takes it away. */
export function makeFiles(
  fileSizes: readonly number[],
  parent = tmpdir(),
): { folder: string; remove: () => void } {
  const folder = mkdtempSync(join(parent, "tinytap-files-"));
  // The shortest is a text in windows-1252, whatever chance makes of the others.
  const contentOf = (size: number) => (size === 1 ? Buffer.of(0x80) : randomBytes(size));
  for (const size of fileSizes) writeFileSync(join(folder, `f${size}`), contentOf(size));
  return { folder, remove: () => rmSync(folder, { recursive: true }) };
}

/** nginx in the foreground, two workers, everything of its own in `folder`. `servers`: blocks of its configuration. */
export async function nginx(folder: string, servers: readonly string[]): Promise<string[]> {
  const paths = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
    (name) => `${name}_temp_path ${folder}/${name};`,
  );
  writeFileSync(
    join(folder, "nginx.conf"),
    `daemon off; user root; worker_processes 2; pid ${folder}/pid; error_log stderr crit;
     events { worker_connections 512; }
     http { access_log off; ${paths.join(" ")} client_max_body_size 0; default_type text/plain;
       ${servers.join("\n")} }`,
  );
  return [await executable("nginx"), "-p", folder, "-c", join(folder, "nginx.conf"), "-e", "stderr"];
}

/** A command that runs a program unpacked into `folder` with the libraries beside it. */
export function withLibraries(folder: string, command: readonly string[]): string[] {
  const libraries = globSync("{usr/,}lib/*-linux-gnu", { cwd: folder }).map((path) => join(folder, path));
  return ["env", `LD_LIBRARY_PATH=${libraries.join(":")}`, ...command];
}

/** One command that runs all of these at once, and ends them when it is ended. */
export function together(commands: readonly (readonly string[])[]): string[] {
  const quoted = commands.map((words) =>
    words.map((word) => `'${word.replaceAll("'", String.raw`'\''`)}'`).join(" "),
  );
  const lines = quoted.map((words) => `${words} & pids="$pids $!"`);
  return ["sh", "-c", ["trap 'kill $pids' INT TERM", ...lines, "wait"].join("\n")];
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
