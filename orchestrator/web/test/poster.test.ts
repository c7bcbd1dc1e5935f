import assert from "node:assert/strict";
import { test } from "node:test";

import { hue, initial } from "../src/parts/poster";

test("the initial is the first letter or digit", () => {
  assert.equal(initial("übersee"), "Ü");
  assert.equal(initial("  [3] wishes"), "3");
  assert.equal(initial("…"), "–");
});

test("the colour of a film stays, and films made one after the other differ", () => {
  const ids = Array.from({ length: 16 }, (_, i) => `0190a0b0-0000-7000-8000-0000000000${i.toString(16).padStart(2, "0")}`);
  const hues = ids.map(hue);
  assert.deepEqual(hues, ids.map(hue));
  assert.ok(hues.every((value) => Number.isInteger(value) && value >= 0 && value < 360));
  assert.ok(new Set(hues).size >= 12);
});
