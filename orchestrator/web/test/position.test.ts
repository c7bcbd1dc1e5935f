import assert from "node:assert/strict";
import { test } from "node:test";

import { Position } from "../src/player/position";

function telling(from: number) {
  const told: number[] = [];
  return { told, position: new Position(from, 0, (seconds) => told.push(seconds)) };
}

test("a position that moves is told every ten seconds", () => {
  const { told, position } = telling(0);
  for (let ms = 0; ms <= 25_000; ms += 250) position.moved(ms / 1000, ms);
  assert.deepEqual(told, [10, 20]);
});

test("a stop is told at once, and once", () => {
  const { told, position } = telling(0);
  position.moved(3.9, 4000);
  position.stopped(4000);
  position.stopped(4100);
  assert.deepEqual(told, [3]);
  position.moved(0, 5000);
  position.stopped(5000);
  assert.deepEqual(told, [3, 0]);
});

test("a film that was opened and not watched stays where it was", () => {
  const { told, position } = telling(300.5);
  position.stopped(60_000);
  position.moved(300.7, 61_000);
  position.stopped(61_000);
  assert.deepEqual(told, []);
});
