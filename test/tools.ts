/** Why a part can't be tried on this machine, which lacks a tool of the set-up; undefined where it can. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { which } from "../scripts/packages.mjs";
import { dist } from "../scripts/paths.mjs";

export function whyNoAddon(): string | undefined {
  return existsSync(join(dist, "tinytap.node")) ? undefined : "the addon isn't built here";
}

export function whyNoCompiler(): string | undefined {
  return which("c++") === undefined ? "takes a C++ compiler" : undefined;
}
