import assert from "node:assert/strict";
import { test } from "node:test";

import { errorOf, parseRetryAfter } from "../src/api/client";

test("Retry-After in seconds and as a date", () => {
  const now = Date.parse("2026-01-01T00:00:00Z");
  assert.equal(parseRetryAfter(null, now), null);
  assert.equal(parseRetryAfter("", now), null);
  assert.equal(parseRetryAfter("soon", now), null);
  assert.equal(parseRetryAfter("12", now), 12);
  assert.equal(parseRetryAfter("99999", now), 3600);
  assert.equal(parseRetryAfter("Thu, 01 Jan 2026 00:00:30 GMT", now), 30);
  assert.equal(parseRetryAfter("Wed, 31 Dec 2025 00:00:00 GMT", now), 0);
});

test("a problem document gives the words", async () => {
  const body = JSON.stringify({ type: "about:blank", title: "Too many", status: 429, detail: "Wait." });
  const error = await errorOf(
    new Response(body, { status: 429, headers: { "Content-Type": "application/problem+json", "Retry-After": "7" } }),
  );
  assert.deepEqual(error.problem, { title: "Too many", status: 429, detail: "Wait." });
  assert.equal(error.retryAfter, 7);
});

test("an error without a problem document still has words", async () => {
  for (const [body, type] of [
    ["<h1>no</h1>", "text/html"],
    ["{", "application/problem+json"],
    ["null", "application/json"],
    ['{"title":5}', "application/problem+json"],
  ] as const) {
    const error = await errorOf(new Response(body, { status: 502, statusText: "Bad Gateway", headers: { "Content-Type": type } }));
    assert.equal(error.problem.title, "Bad Gateway");
    assert.equal(error.status, 502);
  }
});
