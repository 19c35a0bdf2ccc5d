import type { Param } from "har-format";
import { parseForm } from "../content/form.ts";
import { parseMediaType } from "../content/headers.ts";
import { parseMultipart } from "../content/multipart.ts";

/** Forms beyond so many bytes are text. */
const formLimit = 1024 * 1024;

/** A form's fields as the format has them; undefined where it is no form, or none that is told whole. `bytes`: in UTF-8. */
export function formParameters(mimeType: string, bytes: Uint8Array): Param[] | undefined {
  if (bytes.length > formLimit) return undefined;
  const type = parseMediaType(mimeType);
  if (type.name === "application/x-www-form-urlencoded") return parseForm(Buffer.from(bytes).toString());
  if (type.name !== "multipart/form-data") return undefined;
  const multipart = parseMultipart(bytes, type);
  if (multipart?.isWhole !== true) return undefined;
  return multipart.parts.map(({ name = "", filename, type, start, end }) => ({
    name,
    // The format has no place for a file's bytes.
    ...(filename === undefined
      ? { value: Buffer.from(bytes.subarray(start, end)).toString() }
      : { fileName: filename }),
    ...(type.name !== "" && { contentType: type.name }),
  }));
}
