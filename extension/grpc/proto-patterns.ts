/** What one entry of `tinytap.grpc.protoFiles` names. */

export interface NamedFiles {
  /** As it stands in the setting. */
  entry: string;
  /** A folder's URI. */
  base: string;
  /** Below it. */
  pattern: string;
}

/** `folder`: the URI of the workspace's, which a relative entry starts from; undefined where there is none. */
export function patternOf(entry: string, folder: string | undefined): NamedFiles | undefined {
  const isAbsolute = entry.startsWith("/");
  if (entry === "" || (!isAbsolute && folder === undefined)) return undefined;
  const pattern = isPlainFolder(entry) ? `${entry.replace(/\/+$/, "")}/**/*.proto` : entry;
  if (!isAbsolute) return { entry, base: folder!, pattern: pattern.replace(/^\.\//, "") };
  const steps = pattern.split("/");
  const wild = steps.findIndex((step) => /[*?{[]/.test(step));
  const split = wild < 0 ? steps.length - 1 : wild;
  const base = `file://${steps.slice(0, split).map(encodeURIComponent).join("/") || "/"}`;
  return { entry, base, pattern: steps.slice(split).join("/") };
}

/** Files have an ending, patterns a star. */
function isPlainFolder(entry: string): boolean {
  return !/[*?{[]/.test(entry) && !/\.\w+$/.test(entry);
}
