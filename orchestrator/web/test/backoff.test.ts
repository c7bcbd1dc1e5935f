import assert from "node:assert/strict";
import { test } from "node:test";

import { Backoff } from "../src/player/backoff";

test("waits double up to a bound, and end a minute after the first failure", () => {
  let now = 1000;
  const backoff = new Backoff(() => now);
  const waits: number[] = [];
  for (let wait = backoff.next(); wait !== null; wait = backoff.next()) {
    waits.push(wait);
    now += wait;
  }
  assert.deepEqual(waits.slice(0, 6), [500, 1000, 2000, 4000, 8000, 8000]);
  assert.equal(waits.reduce((sum, wait) => sum + wait, 0), 60_000);
});

test("the server's wish is kept within the minute", () => {
  const backoff = new Backoff(() => 0);
  assert.equal(backoff.next(5), 5000);
  assert.equal(backoff.next(3600), 60_000);
});

test("data that arrives starts the minute anew", () => {
  let now = 0;
  const backoff = new Backoff(() => now);
  backoff.next();
  now = 61_000;
  assert.equal(backoff.next(), null);
  backoff.reset();
  assert.equal(backoff.next(), 500);
});
