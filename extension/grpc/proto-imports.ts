/** The `.proto` files that others import. An import says a path below one of the compiler's folders, which nobody tells. */

export interface ProtoFile {
  path: string;
  text: string;
}

/** Files that are read, with those that were named. */
const mostFiles = 2000;
const importing = /^[ \t]*import\s+(?:public\s+|weak\s+|option\s+)?["']([^"']+)["']\s*;/gm;

/**
 * `root`: the folder that isn't left. `read`: undefined where there is no such file. Imports that are found nowhere are
 * left out: what they declare is shown by number.
 */
export async function withImports(
  named: readonly string[],
  root: string,
  read: (path: string) => Promise<string | undefined>,
): Promise<{ files: ProtoFile[]; problem?: string }> {
  const found = new Map<string, ProtoFile>();
  const missing = new Set<string>();
  const open = async (path: string): Promise<boolean> => {
    if (found.has(path)) return true;
    if (missing.has(path)) return false;
    const text = await read(path);
    if (text === undefined) missing.add(path);
    else found.set(path, { path, text });
    return text !== undefined;
  };
  for (const path of named) await open(path);
  // A Map goes through what is added meanwhile, too.
  for (const [path, { text }] of found) {
    if (found.size > mostFiles)
      return {
        files: [...found.values()],
        problem: `more than ${mostFiles} .proto files are named or imported: those beyond are not read`,
      };
    for (const [, imported = ""] of text.matchAll(importing)) {
      if (hasEnding(found, imported)) continue;
      for (const candidate of candidates(path, imported, root)) if (await open(candidate)) break;
    }
  }
  return { files: [...found.values()] };
}

/** The folders from that of the importing file outwards. */
function candidates(path: string, imported: string, root: string): string[] {
  const all: string[] = [];
  for (let folder = path; folder.length > root.length && folder.startsWith(root);) {
    folder = folder.slice(0, folder.lastIndexOf("/"));
    all.push(`${folder}/${imported}`);
  }
  return all;
}

function hasEnding(found: ReadonlyMap<string, ProtoFile>, imported: string): boolean {
  for (const path of found.keys()) if (path.endsWith(`/${imported}`)) return true;
  return false;
}
