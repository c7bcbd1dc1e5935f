import assert from "node:assert/strict";
import { test } from "node:test";

import { boothWords } from "../src/player/booth-words";

test("what happens to a booth is said in plain words", () => {
  const say = (type: string, event: object) => boothWords(type, event, false);
  assert.match(say("sandbox.state", { state: "failed", reason: "oom" }) ?? "", /ran out of memory and is being replaced/);
  assert.match(say("sandbox.state", { state: "failed", reason: "new one" }) ?? "", /broke down/);
  assert.match(say("sandbox.state", { state: "stopping", reason: "idle" }) ?? "", /nobody watched/);
  assert.match(say("sandbox.warning", { reason: "idle", seconds: 60 }) ?? "", /stopped in 60 s because nobody watches/);
  assert.match(say("sandbox.warning", { reason: "admin", seconds: 5 }) ?? "", /administrator/);
  assert.match(say("sandbox.waiting", { position: 3 }) ?? "", /number 3 in the line/);
});

test("what is nothing to a viewer is not said, and that all is well only after trouble", () => {
  for (const state of ["creating", "starting", "ready", "assigned", "removed"]) {
    assert.equal(boothWords("sandbox.state", { state }, false), null);
  }
  assert.equal(boothWords("sandbox.state", { state: "stopping", reason: "logout" }, false), null);
  assert.equal(boothWords("another", {}, true), null);
  assert.equal(boothWords("sandbox.state", { state: "assigned" }, true), "Your booth is ready.");
});
