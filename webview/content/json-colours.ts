/** Colours JSON by its tokens, as an editor does; by highlights, so that it stays one text, and what is selected in it stays. */
import { jsonTokens, type JsonToken } from "../../content/json.ts";

const kinds: readonly JsonToken[] = ["name", "string", "number", "word"];

/** `text` is JSON, which may be cut. */
export function colour(text: Text): void {
  const highlights = new Map(kinds.map((kind) => [kind, highlightOf(kind)]));
  for (const highlight of highlights.values())
    for (const range of highlight) if (!range.startContainer.isConnected) highlight.delete(range);
  for (const { kind, start, end } of jsonTokens(text.data))
    highlights
      .get(kind)
      ?.add(
        new StaticRange({ startContainer: text, startOffset: start, endContainer: text, endOffset: end }),
      );
}

function highlightOf(kind: JsonToken): Highlight {
  const name = `json-${kind}`;
  const known = CSS.highlights.get(name);
  if (known !== undefined) return known;
  const made = new Highlight();
  // What was gone to is marked above it.
  made.priority = -1;
  CSS.highlights.set(name, made);
  return made;
}
