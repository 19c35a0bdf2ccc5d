/**
 * Text of others as a terminal may get it, on one line: control characters (C0, DEL, C1), what changes the direction of
 * writing or can't be seen, and halves of characters become `\uXXXX`, as JSON would write them too.
 */
export function printable(text: string): string {
  return text.replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, escaped);
}

/** Likewise, but line feeds and tabs stay. A JSON text stays the same value. */
export function printableLines(text: string): string {
  return text.replaceAll(/[^\n\t]+/g, printable);
}

function escaped(character: string): string {
  let text = "";
  // By UTF-16 units, as JSON does.
  for (let i = 0; i < character.length; i++)
    text += `\\u${character.charCodeAt(i).toString(16).padStart(4, "0")}`;
  return text;
}
