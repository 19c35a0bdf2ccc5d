import { h } from "../dom.ts";

/** A name, and what it is; empty where there is nothing to say. */
export type Fact = [name: string, value: string | Node];

export function factList(facts: readonly Fact[]): HTMLElement {
  const said = facts.filter(([, value]) => value !== "");
  return h(
    "dl",
    { class: "facts" },
    ...said.flatMap(([name, value]) => [h("dt", {}, name), h("dd", {}, value)]),
  );
}
