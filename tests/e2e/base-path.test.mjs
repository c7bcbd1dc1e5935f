// The page where a proxy has put it below a path of its host: it finds its parts, its films and its way back.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { launch, openPage } from "./lib/browser.mjs";
import { startDaemon, user } from "./lib/daemon.mjs";
import { films } from "./lib/films.mjs";
import { goesOn, startPlaying } from "./lib/player.mjs";
import { cardOf } from "./lib/steps.mjs";

const base = "/carrel";
let daemon;
let browser;

before(async () => {
  daemon = await startDaemon({ settings: { CARREL_HTTP_BASE_PATH: base } });
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await daemon?.stop();
});

test("from the login to a film, and back through the history, all below the base path", async () => {
  const { page, complaints, close } = await openPage(browser, daemon.url);
  await page.goto(`${base}/`);
  await page.waitForURL(`${base}/login`);
  await page.getByLabel("User name").fill(user.name);
  await page.getByLabel("Password").fill(user.password);
  await page.getByRole("button", { name: "Log in" }).click();
  await page.waitForURL(`${base}/`);
  const card = cardOf(page, films[0].title);
  await card.and(page.locator('[data-state="ready"]')).waitFor({ timeout: 60_000 });
  await card.click();
  await page.waitForURL(`${base}/watch/*`);
  await startPlaying(page);
  await goesOn(page);
  await page.reload();
  await startPlaying(page);
  await page.locator("a.back").click();
  await page.waitForURL(`${base}/`);
  await page.goBack();
  await page.waitForURL(`${base}/watch/*`);
  assert.deepEqual(complaints, []);
  await close();
});
