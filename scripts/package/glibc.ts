/** Which C library a shared object needs. */
import { run } from "../progress.mjs";

/** @returns the newest version of glibc that one of its symbols asks for, e.g. `2.34` */
export async function neededGlibc(file: string): Promise<string> {
  const symbols = await run("objdump", ["-T", file]);
  const versions = [...symbols.matchAll(/GLIBC_([\d.]+)/g)].map(([, version = ""]) => version);
  return versions.reduce((newest, version) => (atMost(version, newest) ? newest : version), "0");
}

/** @returns whether version `a` is `b` or older */
export function atMost(a: string, b: string): boolean {
  return a.localeCompare(b, "en", { numeric: true }) <= 0;
}
