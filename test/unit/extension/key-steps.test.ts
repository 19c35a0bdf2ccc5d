/** Keys in the tree: what is shown, and when. */
import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";
import { KeySteps } from "../../../extension/model/key-steps.ts";

let now = 0;
let shown: [row: string, focus: boolean][];
let steps: KeySteps;

mock.timers.enable({ apis: ["setTimeout"] });

beforeEach(() => {
  shown = [];
  steps = new KeySteps(() => now);
});

function pass(milliseconds: number): void {
  now += milliseconds;
  mock.timers.tick(milliseconds);
}

/** VS Code runs the row's command a little after the key. */
function press(row: string): void {
  steps.step();
  pass(5);
  steps.open((focus) => shown.push([row, focus]));
}

test("a click shows its row at once, an arrow key's row is shown once the keys rest, and no row on the way", () => {
  steps.open((focus) => shown.push(["clicked", focus]));
  assert.deepEqual(shown, [["clicked", false]]);
  for (const row of ["a", "b", "c"]) {
    press(row);
    pass(30);
  }
  assert.equal(shown.length, 1);
  pass(100);
  assert.deepEqual(shown.slice(1), [["c", false]]);
});

test("Enter shows its row at once, and gives it the keyboard; a row that is no exchange heeds only Enter and clicks", () => {
  press("a");
  assert.equal(steps.isStep, true);
  steps.enter();
  assert.equal(steps.isStep, false);
  steps.open((focus) => shown.push(["a", focus]));
  pass(1000);
  assert.deepEqual(shown, [["a", true]], "once");
  steps.open((focus) => shown.push(["clicked", focus]));
  assert.deepEqual(shown.at(-1), ["clicked", false]);
});

test("on a busy machine Enter's row comes late, and is given the keyboard all the same", () => {
  steps.enter();
  pass(1500);
  steps.open((focus) => shown.push(["a", focus]));
  assert.deepEqual(shown, [["a", true]]);
});
