/** What the pages of the corpus hold. */
export const text = "Gr\u00fc\u00dfe \ud83d\ude00\n".repeat(20);
export const binary = Buffer.from(Array.from({ length: 300 }, (_, i) => (i * 7) % 256));
