/** Control and direction-changing characters could make a captured text look like something else. */
const deceptive = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** Captured text as one line of at most `length` characters, for a window. */
export function oneLine(text: string, length = 200): string {
  const clean = text.replaceAll(deceptive, "\u{fffd}");
  return clean.length > length ? `${clean.slice(0, length - 1)}…` : clean;
}
