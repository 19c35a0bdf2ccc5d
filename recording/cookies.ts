import type { Cookie } from "har-format";
import type { Header } from "../protocol/exchange.ts";

/** The cookies that a request brings. */
export function requestCookies(headers: Header[]): Cookie[] {
  return valuesOf(headers, "cookie").flatMap((value) =>
    value.split(";").flatMap((pair) => cookie(pair) ?? []),
  );
}

/** The cookies that a response sets, with those of their attributes that HAR has a field for. */
export function responseCookies(headers: Header[]): Cookie[] {
  return valuesOf(headers, "set-cookie").flatMap((value) => {
    const [pair = "", ...attributes] = value.split(";");
    const set = cookie(pair);
    return set === undefined ? [] : { ...set, ...Object.assign({}, ...attributes.map(field)) };
  });
}

function cookie(pair: string): Cookie | undefined {
  const equals = pair.indexOf("=");
  if (equals < 0) return undefined;
  return { name: pair.slice(0, equals).trim(), value: pair.slice(equals + 1).trim() };
}

function field(attribute: string): Partial<Cookie> {
  const [name = "", value = ""] = attribute.split(/=(.*)/s).map((part) => part.trim());
  switch (name.toLowerCase()) {
    case "path":
      return { path: value };
    case "domain":
      return { domain: value };
    case "expires": {
      const time = new Date(value);
      return Number.isNaN(time.getTime()) ? {} : { expires: time.toISOString() };
    }
    case "httponly":
      return { httpOnly: true };
    case "secure":
      return { secure: true };
    default:
      return {};
  }
}

function valuesOf(headers: Header[], wanted: string): string[] {
  return headers.filter(([name]) => name.toLowerCase() === wanted).map(([, value]) => value);
}
