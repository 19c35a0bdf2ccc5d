/** Server-sent events (the HTML standard's event streams), as a browser would dispatch them. */

export interface ServerEvent {
  /** `message`, unless the server names it. */
  type: string;
  data: string;
  /** Of this event; absent where it brings none. */
  id?: string;
  /** Milliseconds that the server asks to wait before connecting again. */
  retry?: number;
  /** Lines that say nothing to a browser: servers keep the connection alive by them. */
  comments: string[];
  /** The stream's bytes behind the event's last. */
  end: number;
  /** Its empty line has come; else a browser would not have it yet. */
  isWhole: boolean;
}

/** A line that begins with a byte order mark keeps it: only the stream's first is none of its text. */
const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });

export function parseEventStream(bytes: Uint8Array): ServerEvent[] {
  const events: ServerEvent[] = [];
  let fields: string[] = [];
  for (const { text, end } of lines(bytes)) {
    if (text !== "") fields.push(text);
    else if (fields.length > 0) {
      events.push(eventOf(fields, end, true));
      fields = [];
    }
  }
  if (fields.length > 0) events.push(eventOf(fields, bytes.length, false));
  return events;
}

/** Lines end in CR, LF or both; `end` is behind that. */
function* lines(bytes: Uint8Array): Generator<{ text: string; end: number }> {
  const hasMark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  let start = hasMark ? 3 : 0;
  for (let at = start; at < bytes.length; at++) {
    if (bytes[at] !== 10 && bytes[at] !== 13) continue;
    const text = utf8.decode(bytes.subarray(start, at));
    if (bytes[at] === 13 && bytes[at + 1] === 10) at++;
    start = at + 1;
    yield { text, end: start };
  }
  if (start < bytes.length) yield { text: utf8.decode(bytes.subarray(start)), end: bytes.length };
}

function eventOf(fields: string[], end: number, isWhole: boolean): ServerEvent {
  const event: ServerEvent = { type: "message", data: "", comments: [], end, isWhole };
  const data: string[] = [];
  for (const field of fields) {
    const colon = field.indexOf(":");
    const name = colon < 0 ? field : field.slice(0, colon);
    const value = colon < 0 ? "" : field.slice(colon + 1).replace(/^ /, "");
    if (name === "") event.comments.push(value);
    else if (name === "data") data.push(value);
    else if (name === "event" && value !== "") event.type = value;
    else if (name === "id" && !value.includes("\0")) event.id = value;
    else if (name === "retry" && /^\d+$/.test(value)) event.retry = Number(value);
  }
  event.data = data.join("\n");
  return event;
}
