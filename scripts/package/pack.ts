/** Packs staged folders, so that the same files give the same bytes. */
import { execFileSync } from "node:child_process";
import { renameSync, writeFileSync } from "node:fs";
import { basename, dirname } from "node:path";
import { gzipSync } from "node:zlib";
import { createVSIX } from "@vscode/vsce";

/** Seconds since 1970 that every packed file has for its time; by default the first that a zip can tell, in 1980. */
function epoch(): string {
  return process.env["SOURCE_DATE_EPOCH"] ?? "315532800";
}

export async function packExtension(folder: string, vsix: string): Promise<void> {
  // vsce reads the one, and a zip's times are local ones.
  const { SOURCE_DATE_EPOCH, TZ } = process.env;
  Object.assign(process.env, { SOURCE_DATE_EPOCH: epoch(), TZ: "UTC" });
  try {
    await createVSIX({
      cwd: folder,
      packagePath: `${vsix}.new`,
      dependencies: false,
      allowMissingRepository: true,
    });
  } finally {
    restore("SOURCE_DATE_EPOCH", SOURCE_DATE_EPOCH);
    restore("TZ", TZ);
  }
  renameSync(`${vsix}.new`, vsix);
}

export async function packCommandLine(folder: string, tarball: string): Promise<void> {
  const sameAnywhere = ["--sort=name", `--mtime=@${epoch()}`, "--owner=0", "--group=0", "--numeric-owner"];
  const tar = execFileSync(
    "tar",
    ["--create", "--format=ustar", ...sameAnywhere, `--directory=${dirname(folder)}`, basename(folder)],
    { maxBuffer: 64 << 20 },
  );
  writeFileSync(`${tarball}.new`, gzipSync(tar, { level: 9 }));
  renameSync(`${tarball}.new`, tarball);
}

function restore(name: string, value: string | undefined): void {
  if (value === undefined) delete process.env[name];
  else process.env[name] = value;
}
