import { readFileSync } from "node:fs";

/** The names of a zip's files, by its central directory. */
export function namesInZip(file: string): string[] {
  const zip = readFileSync(file);
  const end = zip.lastIndexOf("PK\x05\x06", undefined, "latin1");
  const names: string[] = [];
  let at = zip.readUInt32LE(end + 16);
  for (let left = zip.readUInt16LE(end + 10); left > 0; left--) {
    const length = zip.readUInt16LE(at + 28);
    names.push(zip.toString("utf8", at + 46, at + 46 + length));
    at += 46 + length + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
  }
  return names.toSorted();
}
