/** The fields of a head that say how its message is framed, and what becomes of the connection. */
import { listItems, parseHeaders } from "./headers.ts";

export interface ControlFields {
  /** Of Content-Length: `-1` none, `NaN` invalid. */
  contentLength: number;
  /** The last transfer coding, in lower case; undefined without Transfer-Encoding. */
  transferCoding: string | undefined;
  expectsContinue: boolean;
  /** Another protocol is proposed, or agreed on. */
  upgrades: boolean;
}

/** From a head's text, whose header lines begin at `from`: the others are not taken apart. */
export function readControlFields(text: string, from: number): ControlFields {
  const fields: ControlFields = {
    contentLength: -1,
    transferCoding: undefined,
    expectsContinue: false,
    upgrades: false,
  };
  addControlFields(fields, text, from);
  return fields;
}

/** Adds what further lines of the head say. */
export function addControlFields(fields: ControlFields, text: string, from: number): void {
  let start = from;
  for (let end = text.indexOf("\n", start); end >= 0; end = text.indexOf("\n", start)) {
    if (isNamed(text, start, "content-length")) addContentLength(fields, valueAt(text, start));
    else if (isNamed(text, start, "connection"))
      fields.upgrades ||= listItems(valueAt(text, start)).includes("upgrade");
    else if (isNamed(text, start, "transfer-encoding")) {
      const last = listItems(valueAt(text, start)).findLast((coding) => coding !== "");
      fields.transferCoding = last ?? fields.transferCoding;
    } else if (isNamed(text, start, "expect"))
      fields.expectsContinue = valueAt(text, start).toLowerCase() === "100-continue";
    start = end + 1;
  }
}

/** Whether the field that begins at `start` has that name. Its first letter and its length rule most others out. */
function isNamed(text: string, start: number, name: string): boolean {
  const end = start + name.length;
  if ((text.charCodeAt(start) | 32) !== name.charCodeAt(0) || text.charCodeAt(end) !== 58) return false;
  return text.slice(start, end).toLowerCase() === name;
}

function valueAt(text: string, start: number): string {
  return parseHeaders(text, start, 1)[0]?.[1] ?? "";
}

function addContentLength(fields: ControlFields, value: string): void {
  for (const digits of value.includes(",") ? listItems(value) : [value]) {
    const length = /^0*\d{1,15}$/.test(digits) ? Number(digits) : NaN;
    fields.contentLength = fields.contentLength === -1 || fields.contentLength === length ? length : NaN;
  }
}
