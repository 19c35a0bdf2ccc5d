import { homedir } from "node:os";
import { join } from "node:path";

/** The checkout. */
export const root = join(import.meta.dirname, "..");

/** Where bundles, BPF objects and the addon go. */
export const dist = join(root, "dist");

/** Tools too large to install once per clone. */
export const cache = join(process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "tinytap");
