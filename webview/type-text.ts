/** Types whose name says less than what they are. */
const names: Record<string, string> = {
  "text/javascript": "js",
  "application/javascript": "js",
  "application/x-javascript": "js",
  "text/plain": "text",
  "text/event-stream": "events",
  "application/octet-stream": "binary",
  "application/x-www-form-urlencoded": "form",
  "multipart/form-data": "form",
  "image/svg+xml": "svg",
};

/** A Content-Type in the room of a column: `json` of `application/json; charset=utf-8`. */
export function typeText(contentType: string | undefined): string {
  const [type = ""] = (contentType ?? "").split(";", 1);
  const name = type.trim().toLowerCase();
  const known = names[name];
  if (known !== undefined) return known;
  if (name.startsWith("application/grpc")) return "gRPC";
  const subtype = name.split("/")[1] ?? name;
  // Of `vnd.api+json` the suffix tells how it can be read.
  return (subtype.split("+").at(-1) ?? subtype).replace(/^x-/, "");
}
