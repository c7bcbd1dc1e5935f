import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

import { chromium } from "playwright-core";

import { trustInChromium } from "./authority.mjs";

const screenshots = resolve(dirname(fileURLToPath(import.meta.url)), "../../../docs/screenshots");

export const desk = { width: 1280, height: 800 };

/** Debian's Chromium, quiet: it asks nobody but the daemon. */
export function launch() {
  return chromium.launch({
    executablePath: process.env.CARREL_TEST_CHROMIUM ?? "/usr/bin/chromium",
    headless: true,
    args: [
      "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
      "--disable-component-update", "--disable-sync", "--autoplay-policy=no-user-gesture-required",
      ...trustInChromium(),
    ],
  });
}

/** A page of a fresh profile; `close` ends its session too, so that no container of it is left. `complaints` gathers
 *  what went wrong in it: errors, warnings of the content security policy, and requests to anywhere but `url`. Answers
 *  with an error status that a test provokes are not in it. */
export async function openPage(browser, url, viewport = desk) {
  const context = await browser.newContext({ viewport, baseURL: url });
  const page = await context.newPage();
  const complaints = [];
  page.on("pageerror", (error) => complaints.push(`exception: ${error.message}`));
  page.on("console", (message) => {
    const expected = /^Failed to load resource: the server responded with a status of/.test(message.text());
    if (["error", "warning"].includes(message.type()) && !expected) complaints.push(message.text());
  });
  page.on("request", (request) => {
    const target = new URL(request.url());
    if (/^https?:$/.test(target.protocol) && target.origin !== url) complaints.push(`request to ${target.origin}`);
  });
  const close = async () => {
    if (url.startsWith("https:")) await assertHttp2(page);
    await context.request.post("/api/v1/auth/logout");
    await context.close();
  };
  return { page, complaints, close };
}

/** What the browser says of the answers that were not out of its cache. */
async function assertHttp2(page) {
  const spoken = await page.evaluate(() => performance.getEntries().map((entry) => entry.nextHopProtocol).filter(Boolean));
  assert.deepEqual([...new Set(spoken)], ["h2"]);
}

/** Brings no more than so many bytes a second to the page, so that it cannot fetch a whole film ahead. */
export async function slowDown(page, bytesPerSecond) {
  const session = await page.context().newCDPSession(page);
  await session.send("Network.enable");
  await session.send("Network.emulateNetworkConditions", {
    offline: false, latency: 0, downloadThroughput: bytesPerSecond, uploadThroughput: -1,
  });
}

/** For the README: docs/screenshots/NAME.png, only when CARREL_TEST_SCREENSHOTS is set. */
export async function picture(page, name) {
  if (!process.env.CARREL_TEST_SCREENSHOTS) return;
  await mkdir(screenshots, { recursive: true });
  await page.screenshot({ path: join(screenshots, `${name}.png`) });
}
