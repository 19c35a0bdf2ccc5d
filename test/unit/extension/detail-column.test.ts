import assert from "node:assert/strict";
import { test } from "node:test";
import {
  active,
  beside,
  columnFor,
  isCovered,
  leftIn,
  type EditorGroup,
} from "../../../extension/model/detail-column.ts";

/** Of each column from the left: how many detail panels and other tabs are in it. */
function groups(...tabs: [details: number, others: number][]): EditorGroup[] {
  return tabs.map(([details, others], i) => ({ column: i + 1, details, others }));
}

const own = { column: 2, shared: false };
const shared = { column: 1, shared: true };

test("beside the code, in a group of its own; with no code, where the keyboard is", () => {
  assert.equal(columnFor(groups([0, 0]), undefined), active);
  assert.equal(columnFor(groups([1, 0]), own), active);
  assert.equal(columnFor(groups([0, 3]), undefined), 2);
  assert.equal(columnFor(groups([0, 3]), own), 2);
});

test("a group in which there are only detail panels is the one, wherever it is", () => {
  assert.equal(columnFor(groups([1, 0], [0, 2]), undefined), 1);
  assert.equal(columnFor(groups([0, 2], [0, 1], [2, 0]), own), 3);
});

test("beside two groups of code it takes one of them, unless it was left in a group of its own", () => {
  assert.equal(columnFor(groups([0, 1], [0, 1]), undefined), beside);
  assert.equal(columnFor(groups([0, 1], [0, 1]), own), 3);
  assert.equal(columnFor(groups(...Array.from({ length: 9 }, (): [number, number] => [0, 1])), own), 9);
});

test("left among other editors it opens there again, as long as that group is there", () => {
  assert.equal(columnFor(groups([0, 3]), shared), 1);
  assert.equal(columnFor(groups([0, 3], [1, 0]), shared), 1);
  assert.equal(columnFor(groups([0, 3]), { column: 2, shared: true }), 2);
});

test("it is covered by what opens in the only group, where it was alone", () => {
  assert.equal(isCovered(groups([1, 1]), undefined, 1), true);
  assert.equal(isCovered(groups([1, 1]), own, 1), true);
  assert.equal(isCovered(groups([1, 2]), undefined, 1), false, "it was among others before");
  assert.equal(isCovered(groups([1, 1]), undefined, 0), false, "it was moved there");
  assert.equal(isCovered(groups([1, 1]), shared, 1), false, "it is wanted so");
  assert.equal(isCovered(groups([1, 1], [0, 1]), undefined, 1), false);
  assert.equal(isCovered(groups([0, 1]), undefined, 1), false);
});

test("what is remembered is a choice: not that it is alone in the window", () => {
  assert.equal(leftIn(groups([1, 0]), 1), undefined);
  assert.equal(leftIn(groups([0, 1]), undefined), undefined);
  assert.deepEqual(leftIn(groups([1, 1]), 1), shared);
  assert.deepEqual(
    leftIn(groups([0, 1], [1, 0]), 1),
    own,
    "VS Code tells of its column later than of its tab",
  );
  assert.deepEqual(leftIn(groups([1, 1], [1, 0]), 1), shared);
});
