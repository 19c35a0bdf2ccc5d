/** Keys in the tree: what is shown, and when. */
import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";
import { KeySteps } from "../../../extension/model/key-steps.ts";

let shown: [row: string, focus: boolean][];
let steps: KeySteps;

mock.timers.enable({ apis: ["setTimeout"] });

beforeEach(() => {
  shown = [];
  steps = new KeySteps();
});

function open(row: string): void {
  steps.open((focus) => shown.push([row, focus]));
}

function press(row: string): void {
  steps.step();
  open(row);
  steps.done();
}

test("a click shows its row at once, an arrow key's row is shown once the keys rest, and no row on the way", () => {
  open("clicked");
  assert.deepEqual(shown, [["clicked", false]]);
  for (const row of ["a", "b", "c"]) {
    press(row);
    mock.timers.tick(30);
  }
  assert.equal(shown.length, 1);
  mock.timers.tick(100);
  assert.deepEqual(shown.slice(1), [["c", false]]);
});

test("Enter shows its row at once, and gives it the keyboard; a row that is no exchange heeds only Enter and clicks", () => {
  steps.step();
  assert.equal(steps.isStep, true);
  open("a");
  steps.done();
  steps.enter();
  assert.equal(steps.isStep, false);
  open("a");
  steps.done();
  mock.timers.tick(1000);
  assert.deepEqual(shown, [["a", true]], "once");
  open("clicked");
  assert.deepEqual(shown.at(-1), ["clicked", false]);
});

test("a key whose row comes late is that key all the same, and a click right after it a click", () => {
  steps.enter();
  mock.timers.tick(60_000);
  open("a");
  steps.done();
  steps.step();
  mock.timers.tick(60_000);
  assert.equal(steps.isStep, true);
  steps.done();
  assert.equal(steps.isStep, false);
  open("clicked");
  assert.deepEqual(shown, [
    ["a", true],
    ["clicked", false],
  ]);
});

test("keys that follow so fast that none is done yet: the last one says what is wanted", () => {
  steps.step();
  steps.step();
  open("b");
  steps.done();
  assert.equal(steps.isStep, true, "the second one's row is still to come");
  steps.enter();
  open("b");
  steps.done();
  steps.done();
  mock.timers.tick(1000);
  assert.deepEqual(shown, [["b", true]]);
});
