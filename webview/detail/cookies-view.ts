/** The cookies that a request brings, or a response sets. */
import { requestCookies, responseCookies, type SetCookie } from "../../content/cookies.ts";
import type { Header, Side } from "../../protocol/exchange.ts";
import { h } from "../dom.ts";
import type { Openings } from "./openings.ts";
import { Section } from "./section.ts";
import { valuesTable } from "./values-table.ts";

export class CookiesView {
  readonly section: Section;
  readonly #side: Side;
  readonly #place = h("div", {});

  constructor(side: Side, openings: Openings) {
    this.#side = side;
    this.section = new Section(
      "cookies",
      side === "request" ? "Cookies" : "Cookies set",
      openings,
      this.#place,
    );
    this.section.element.hidden = true;
  }

  update(headers: readonly Header[]): void {
    const cookies: SetCookie[] =
      this.#side === "request"
        ? requestCookies(headers).map((cookie) => ({ ...cookie, attributes: [] }))
        : responseCookies(headers);
    this.section.element.hidden = cookies.length === 0;
    this.section.say(cookies.map(({ name }) => name).join(", "), String(cookies.length));
    const rows = cookies.map(({ name, value, attributes }) => ({
      name,
      value,
      more: attributes.map(([key, said]) => (said === "" ? key : `${key}=${said}`)).join("; "),
    }));
    this.#place.replaceChildren(valuesTable(this.#side === "request" ? "Cookies" : "Cookies set", rows));
  }
}
