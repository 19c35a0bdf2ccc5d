import assert from "node:assert/strict";
import { test } from "node:test";
import { skipped } from "../../../helper/capture/skipped.ts";

test("events count as unseen where a program and all of its spares were skipped", () => {
  const misses = [7, 3, 5, 2, 0];
  const names = ["exit", "exit_spare_1", "exit_spare_2", "fork", "enter"];
  const programs = names.map((name, fd) => ({ name, fd }));
  assert.equal(
    skipped(programs, (fd) => misses[fd] ?? 0),
    3 + 2,
  );
});

test("a descriptor that is no program was skipped never", () => {
  assert.equal(skipped([{ name: "none", fd: 2 }]), 0);
});
