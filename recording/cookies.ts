import type { Cookie } from "har-format";
import * as content from "../content/cookies.ts";
import type { Header } from "../protocol/exchange.ts";

/** The cookies that a request brings. */
export function requestCookies(headers: Header[]): Cookie[] {
  return content.requestCookies(headers).filter(({ name }) => name !== "");
}

/** The cookies that a response sets, with those of their attributes that HAR has a field for. */
export function responseCookies(headers: Header[]): Cookie[] {
  return content
    .responseCookies(headers)
    .filter(({ name }) => name !== "")
    .map(({ name, value, attributes }) => ({ name, value, ...Object.assign({}, ...attributes.map(field)) }));
}

function field([name, value]: [name: string, value: string]): Partial<Cookie> {
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
