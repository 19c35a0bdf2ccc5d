/** "Filter Exchanges…": the filter as it is typed, with what it does and what can be typed next. */
import * as vscode from "vscode";
import { complete } from "../model/filter/completion.ts";
import type { CurrentFilter } from "../model/filter/current-filter.ts";
import type { RowSource } from "../model/row-source.ts";

interface Item extends vscode.QuickPickItem {
  /** The text that it makes; undefined: what is typed stands. */
  makes?: string;
}

export function typeFilter(filter: CurrentFilter, { rows }: RowSource): void {
  const before = filter.filter.text;
  const input = vscode.window.createQuickPick<Item>();
  let isTaken = false;
  const show = () => {
    input.items = [
      itemOf(filter),
      ...complete(input.value, input.value.length, rows).map(({ start, end, text, about }) => ({
        label: text,
        description: about,
        alwaysShow: true,
        makes: input.value.slice(0, start) + text + input.value.slice(end),
      })),
    ];
  };
  // VS Code would bring up those whose labels have what is typed. Not in its types.
  Object.assign(input, { sortByLabel: false });
  input.title = "Filter Exchanges";
  input.placeholder = 'e.g. status:>=400 -path:/static mime:json "out of stock"';
  input.value = before;
  input.onDidChangeValue((text) => {
    filter.set(text);
    show();
  });
  input.onDidAccept(() => {
    const makes = input.selectedItems[0]?.makes;
    if (makes === undefined) {
      isTaken = true;
      return input.hide();
    }
    // What was chosen by its key waits for a value.
    input.value = makes.endsWith(":") ? makes : `${makes} `;
    filter.set(input.value);
    show();
  });
  input.onDidHide(() => {
    if (!isTaken) filter.set(before);
    input.dispose();
  });
  show();
  input.show();
}

function itemOf({ filter: { words, errors } }: CurrentFilter): Item {
  const problem = errors.map(({ message }) => message).join("; ");
  return {
    label: words === "" ? "Show all exchanges" : `Show: ${words}`,
    alwaysShow: true,
    ...(problem !== "" && { description: `not understood: ${problem}` }),
  };
}
