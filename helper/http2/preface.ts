/** What a client begins with that knows beforehand that the server speaks HTTP/2, or has its word for it (RFC 9113, 3.4). */
export const preface = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "latin1");

/** Whether a direction's first bytes are it. `more`: there are too few to tell. */
export function isPreface(bytes: Uint8Array): "yes" | "more" | "no" {
  const length = Math.min(bytes.length, preface.length);
  for (let i = 0; i < length; i++) if (bytes[i] !== preface[i]) return "no";
  return length === preface.length ? "yes" : "more";
}
