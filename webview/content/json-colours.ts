/** Colours JSON by its tokens, as an editor does; by highlights, so that it stays text, and what is selected in it stays. */
import { jsonTokens, type JsonToken } from "../../content/json.ts";

/** Characters of a node: a browser looks through all colours of a node for each of its lines. */
const nodeLength = 4096;

/** `text`, which is taken apart, is JSON, which may be cut. */
export function colour(text: Text): void {
  const ranges: Record<JsonToken, AbstractRange[]> = { name: [], string: [], number: [], word: [] };
  let [node, nodeStart] = [text, 0];
  for (const { kind, start, end } of jsonTokens(text.data)) {
    if (start - nodeStart > nodeLength) {
      node = node.splitText(start - nodeStart);
      nodeStart = start;
    }
    const [startOffset, endOffset] = [start - nodeStart, end - nodeStart];
    ranges[kind].push(new StaticRange({ startContainer: node, startOffset, endContainer: node, endOffset }));
  }
  for (const [kind, those] of Object.entries(ranges)) {
    const name = `json-${kind}`;
    // Those of what isn't shown any more go.
    for (const range of CSS.highlights.get(name) ?? [])
      if (range.startContainer.isConnected) those.push(range);
    const highlight = new Highlight(...those);
    // What was gone to is marked above it.
    highlight.priority = -1;
    CSS.highlights.set(name, highlight);
  }
}
