import { lstat, realpath } from "node:fs/promises";
import { join } from "node:path";
import type { BodySource } from "./body-source.ts";
import { FileBytes } from "./bytes.ts";

/**
 * A body that lies in a file beside the recording, which names it. A recording comes from anywhere: only a plain file in its
 * own folder is read, by its bare name. Undefined where there is none.
 */
export async function attachment(folder: string, name: string): Promise<BodySource | undefined> {
  if (!/^[^/\\\0]+$/.test(name) || name === "." || name === "..") return undefined;
  const path = join(folder, name);
  try {
    if (!(await lstat(path)).isFile() || (await realpath(path)) !== join(await realpath(folder), name))
      return undefined;
    const file = await FileBytes.open(path);
    return {
      size: () => Promise.resolve(file.size),
      read: (start, end) => file.read(start, end - start),
    };
  } catch {
    return undefined;
  }
}
