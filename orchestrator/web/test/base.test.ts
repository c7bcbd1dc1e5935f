import assert from "node:assert/strict";
import { test } from "node:test";

import { inside, outside } from "../src/base";

test("without a base path every path is the page's own", () => {
  assert.equal(inside("/watch/1", ""), "/watch/1");
  assert.equal(inside("/", ""), "/");
  assert.equal(outside("/watch/1"), "/watch/1");
});

test("with a base path only what lies below it is", () => {
  assert.equal(inside("/carrel/watch/1", "/carrel"), "/watch/1");
  assert.equal(inside("/carrel/", "/carrel"), "/");
  assert.equal(inside("/carrel", "/carrel"), "/");
  assert.equal(inside("/carrels/watch/1", "/carrel"), null);
  assert.equal(inside("/", "/carrel"), null);
});
