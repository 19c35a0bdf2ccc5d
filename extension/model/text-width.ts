/**
 * How wide a text is in DejaVu Sans: the widest face that a Linux desktop falls back to. What fits in it fits in any other;
 * nobody tells an extension which one VS Code has.
 */

/** Hundredths of the font's size, from the space to `~`. */
const ascii = [
  ...[32, 40, 46, 84, 64, 95, 78, 27, 39, 39, 50, 84, 32, 36, 32, 34],
  ...[64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 34, 34, 84, 84, 84, 53],
  ...[100, 68, 69, 70, 77, 63, 58, 77, 75, 29, 29, 66, 56, 86, 75, 79],
  ...[60, 79, 69, 63, 61, 73, 68, 99, 69, 61, 69, 39, 34, 39, 84, 50],
  ...[50, 61, 63, 55, 63, 62, 35, 63, 63, 28, 28, 58, 28, 97, 63, 61],
  ...[63, 63, 41, 52, 39, 63, 59, 82, 59, 59, 52, 64, 34, 64, 84],
];
/** Of what isn't ASCII; that of a letter or sign of Latin, the ellipsis, and the widest. */
const others: Record<string, number> = { "·": 32, "–": 50, "…": 100 };
const widest = 100;

/** In pixels, in a font of `size` pixels. */
export function textWidth(text: string, size: number): number {
  let hundredths = 0;
  for (const character of text)
    hundredths += ascii[(character.codePointAt(0) ?? 0) - 32] ?? others[character] ?? widest;
  return (hundredths * size) / 100;
}
