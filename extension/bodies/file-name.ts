/** What a body's file is called: after its target, with the suffix of what it is. */

/** By media type, the usual one first. */
const suffixes: Record<string, string[]> = {
  "application/json": ["json", "map"],
  "application/x-ndjson": ["ndjson", "jsonl"],
  "application/javascript": ["js", "mjs", "cjs"],
  "text/javascript": ["js", "mjs", "cjs"],
  "text/html": ["html", "htm"],
  "text/css": ["css"],
  "text/csv": ["csv"],
  "text/markdown": ["md"],
  "application/xml": ["xml"],
  "text/xml": ["xml"],
  "application/yaml": ["yaml", "yml"],
  "application/graphql": ["graphql", "gql"],
  "application/pdf": ["pdf"],
  "application/zip": ["zip"],
  "application/gzip": ["gz", "tgz"],
  "application/wasm": ["wasm"],
  "image/svg+xml": ["svg"],
  "image/png": ["png"],
  "image/jpeg": ["jpg", "jpeg"],
  "image/gif": ["gif"],
  "image/webp": ["webp"],
  "image/avif": ["avif"],
  "image/bmp": ["bmp"],
  "image/x-icon": ["ico"],
  "image/vnd.microsoft.icon": ["ico"],
};

/** Characters of a name without its suffix. */
const mostLength = 60;

/** `type`: a media type in lower case; `isText`: what it is, where that says nothing. */
export function bodyFileName(target: string, type: string, isText: boolean): string {
  const path = target.split(/[?#]/, 1)[0] ?? "";
  const last = decoded(path.split("/").findLast((part) => part !== "") ?? "");
  // Of what a person reads as one word; nothing that means something to a file system, or deceives.
  const clean = last.replaceAll(/[^\p{L}\p{N}._-]+/gu, "-").replace(/^[.-]+/, "");
  const [, stem = "", own = ""] = /^(.*?)(?:\.(\w{1,10}))?$/s.exec(clean) ?? [];
  const wanted = suffixes[type] ?? (type.endsWith("+json") ? ["json"] : type.endsWith("+xml") ? ["xml"] : []);
  const usual = wanted[0] ?? (own === "" ? (isText ? "txt" : "bin") : own);
  const isOwn = own !== "" && (wanted.length === 0 || wanted.includes(own.toLowerCase()));
  const name = (isOwn || own === "" ? stem : `${stem}.${own}`).slice(0, mostLength);
  return `${name === "" ? "body" : name}.${isOwn ? own : usual}`;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
