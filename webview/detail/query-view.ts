/** What the request's target asks for behind its path. */
import { parseForm, queryOf } from "../../content/form.ts";
import { h } from "../dom.ts";
import type { Openings } from "./openings.ts";
import { Section } from "./section.ts";
import { valuesTable } from "./values-table.ts";

export class QueryView {
  readonly section: Section;
  readonly #place = h("div", {});
  #shown = "";

  constructor(openings: Openings) {
    this.section = new Section("query", "Query", openings, this.#place);
    this.section.element.hidden = true;
  }

  update(target: string): void {
    const query = queryOf(target);
    if (query === this.#shown) return;
    this.#shown = query;
    const fields = parseForm(query);
    this.section.element.hidden = fields.length === 0;
    this.section.say(fields.map(({ name }) => name).join(", "), String(fields.length));
    this.#place.replaceChildren(valuesTable("Query", fields));
  }
}
