/** The ways to show a body. */
import type { Kind } from "../../content/kind.ts";

/** `encoded`: the bytes as they were sent, where `hex` are those of the content. */
export type Mode = Exclude<Kind, "bytes"> | "hex" | "encoded";

export const modeText: Record<Mode, string> = {
  json: "JSON",
  lines: "Lines",
  events: "Events",
  form: "Form",
  multipart: "Parts",
  graphql: "GraphQL",
  msgpack: "MessagePack",
  cbor: "CBOR",
  image: "Image",
  text: "Text",
  hex: "Hex",
  encoded: "As sent",
};

/** Those of a kind, the best first. `isSvg`: a picture that is text. */
export function modesOf(kind: Kind, isSvg: boolean): Mode[] {
  switch (kind) {
    case "bytes":
      return ["hex", "text"];
    case "text":
      return ["text", "hex"];
    case "image":
      return isSvg ? ["image", "text", "hex"] : ["image", "hex"];
    case "msgpack":
    case "cbor":
      return [kind, "hex"];
    default:
      return [kind, "text", "hex"];
  }
}
