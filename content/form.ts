/** Forms and queries: names and values in their order, repeated ones too. */

export interface Field {
  name: string;
  value: string;
}

/** Of an `application/x-www-form-urlencoded` text, or of a URL's query. Escapes that are none, or no UTF-8, stay. */
export function parseForm(text: string): Field[] {
  return text
    .split("&")
    .filter((pair) => pair !== "")
    .map((pair) => {
      const equals = pair.indexOf("=");
      const name = equals < 0 ? pair : pair.slice(0, equals);
      return { name: decoded(name), value: equals < 0 ? "" : decoded(pair.slice(equals + 1)) };
    });
}

/** The query of a request's target, without its `?`; empty where there is none. */
export function queryOf(target: string): string {
  const start = target.indexOf("?");
  return start < 0 ? "" : (target.slice(start + 1).split("#", 1)[0] ?? "");
}

function decoded(text: string): string {
  return text.replaceAll("+", " ").replaceAll(/(?:%[0-9a-f]{2})+/gi, (escapes) => {
    try {
      return decodeURIComponent(escapes);
    } catch {
      return escapes;
    }
  });
}
