/** HPACK's Huffman code (RFC 7541, appendix B). */

/** Bits of each byte's code; the last is that of the end of string (EOS). The code is canonical: the lengths say it all. */
const codeLengths = [
  13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28,
  28, 28, 28, 28, 28, 6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6, 5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7,
  8, 15, 6, 12, 10, 13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19,
  13, 14, 6, 15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5, 6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13,
  28, 20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23, 24, 24, 22, 23, 24, 23, 23, 23, 23, 21,
  22, 23, 22, 23, 23, 24, 22, 21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23, 21, 21, 22, 21, 23,
  22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23, 26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25,
  19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27, 20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25,
  25, 24, 24, 26, 23, 26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26, 30,
];
const endOfString = 256;
const shortestCode = 5;

/** Children of the code tree's inner nodes: an inner node's number, or the complement of a symbol. */
type Node = [zero: number, one: number];

/** In the order of their codes' lengths, and of those as long of their values, symbols take the next free leaf. */
function codeTree(): Node[] {
  const nodes: Node[] = [[0, 0]];
  const symbols = codeLengths.map((_, symbol) => symbol);
  symbols.sort((a, b) => codeLengths[a]! - codeLengths[b]! || a - b);
  let code = 0;
  let length = 0;
  for (const symbol of symbols) {
    code <<= codeLengths[symbol]! - length;
    length = codeLengths[symbol]!;
    let node = 0;
    for (let bit = length - 1; bit > 0; bit--) {
      const side = (code >> bit) & 1;
      if (nodes[node]![side] === 0) nodes[node]![side] = nodes.push([0, 0]) - 1;
      node = nodes[node]![side]!;
    }
    nodes[node]![code & 1] = ~symbol;
    code++;
  }
  return nodes;
}

/** A step's bits, from below: the node that it leads to; no code goes on like that; a byte ends there, which is above. */
const failed = 1 << 8;
const emits = 1 << 9;

/** For each inner node and the next four bits: where they lead. No code is shorter, so that at most one byte ends there. */
function stepTable(nodes: readonly Node[]): Uint32Array {
  const steps = new Uint32Array(nodes.length * 16);
  for (let from = 0; from < nodes.length; from++)
    for (let bits = 0; bits < 16; bits++) {
      let node = from;
      let step = 0;
      for (let bit = 3; bit >= 0; bit--) {
        const next = nodes[node]![(bits >> bit) & 1]!;
        if (next === ~endOfString) step = failed;
        if (next < 0) step |= emits | (~next << 10);
        node = Math.max(next, 0);
      }
      steps[from * 16 + bits] = (step & failed) === 0 ? step | node : failed;
    }
  return steps;
}

/** Nodes at which a string may end: less than a byte of the end of string's code, which is all ones. */
function ends(nodes: readonly Node[]): Set<number> {
  const found = new Set([0]);
  for (let node = 0, bits = 1; bits < 8; bits++) {
    node = nodes[node]![1];
    found.add(node);
  }
  return found;
}

const nodes = codeTree();
const steps = stepTable(nodes);
const mayEnd = ends(nodes);
let room = Buffer.alloc(1024);

/** The text of the bytes `[start, end)`, latin1; undefined if they are no such code. */
export function decodeHuffman(bytes: Uint8Array, start = 0, end = bytes.length): string | undefined {
  const longest = Math.ceil(((end - start) * 8) / shortestCode);
  if (longest > room.length) room = Buffer.alloc(longest);
  let length = 0;
  let node = 0;
  for (let i = 2 * start; i < 2 * end; i++) {
    const bits = (bytes[i >> 1]! >> ((i & 1) === 0 ? 4 : 0)) & 15;
    const step = steps[node * 16 + bits]!;
    if ((step & failed) !== 0) return undefined;
    if ((step & emits) !== 0) room[length++] = step >> 10;
    node = step & 0xff;
  }
  return mayEnd.has(node) ? room.toString("latin1", 0, length) : undefined;
}
