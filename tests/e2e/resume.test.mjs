import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { launch, openPage } from "./lib/browser.mjs";
import { startDaemon } from "./lib/daemon.mjs";
import { films } from "./lib/films.mjs";
import { goesOn, seekTo, startPlaying, state } from "./lib/player.mjs";
import { cardOf, openLibrary, openLibraryAsLeft } from "./lib/steps.mjs";

const film = films[2];
let daemon;
let browser;

before(async () => {
  daemon = await startDaemon();
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await daemon?.stop();
});

const currentTime = (page) => page.evaluate(() => window.carrelPlayer.video.currentTime);
const seen = (page) => cardOf(page, film.title).locator(".seen");
const startOver = (page) => page.getByRole("button", { name: "Start over" });
const backToLibrary = (page) => page.getByRole("link", { name: "‹ Library" }).click();

/** Waits for the page to tell the daemon where it is, and returns the second. */
async function told(page, act) {
  const answered = page.waitForResponse((response) => response.request().method() === "PUT");
  await act();
  const response = await answered;
  assert.equal(response.status(), 204);
  return response.request().postDataJSON().seconds;
}

async function pause(page) {
  return told(page, () => page.evaluate(() => window.carrelPlayer.video.pause()));
}

async function open(page, openFirst = openLibrary) {
  await openFirst(page);
  await cardOf(page, film.title).click();
  await startPlaying(page);
}

/** The film begins at `second`, or at what `latest` says by then, by the player's clock. */
async function goesOnAt(page, second, latest = () => second) {
  await page.waitForFunction(() => window.carrelPlayer?.video.readyState >= 2, null, { timeout: 30_000 });
  const time = await currentTime(page);
  assert.ok(time >= second && time < latest() + 8, `stopped at ${second} s, goes on at ${time} s`);
}

test("a film goes on where it was paused, and can be started over", async () => {
  const { page, complaints, close } = await openPage(browser, daemon.url);
  await open(page);
  assert.equal(await startOver(page).count(), 0);
  await seekTo(page, film, 90);
  const stopped = await pause(page);
  assert.ok(stopped >= 90 && stopped < 100, `${stopped}`);

  await backToLibrary(page);
  await seen(page).waitFor();
  const share = await seen(page).evaluate((bar) => Number(bar.style.getPropertyValue("--share")));
  assert.ok(Math.abs(share - stopped / film.seconds) < 0.01, `${share}`);
  await cardOf(page, film.title).click();
  await goesOnAt(page, stopped);
  await startPlaying(page);
  await seekTo(page, film, 100);

  await startOver(page).click();
  await page.waitForFunction(() => window.carrelPlayer.video.currentTime < 10 && !window.carrelPlayer.video.seeking);
  await goesOn(page);
  assert.equal(await startOver(page).count(), 0);
  assert.ok((await pause(page)) < 20);
  const { errors, failures } = await state(page);
  assert.deepEqual({ errors, failures }, { errors: [], failures: 0 });
  assert.deepEqual(complaints, []);
  await close();
});

test("it goes on in another browser, whether the film was left by a link, with the tab, or is just playing", async () => {
  const first = await openPage(browser, daemon.url);
  await open(first.page);
  await seekTo(first.page, film, 60);
  const left = await told(first.page, () => backToLibrary(first.page));
  await cardOf(first.page, film.title).click();
  await goesOnAt(first.page, left);

  await startPlaying(first.page);
  await seekTo(first.page, film, 120);
  let latest = 0;
  first.page.on("request", (request) => {
    if (request.method() === "PUT") latest = request.postDataJSON().seconds;
  });
  const playing = await told(first.page, () => goesOn(first.page));
  const second = await openPage(browser, daemon.url);
  await open(second.page, openLibraryAsLeft);
  await goesOnAt(second.page, playing, () => latest);
  await second.close();

  await seekTo(first.page, film, 30);
  await first.page.close();
  const third = await openPage(browser, daemon.url);
  await open(third.page, openLibraryAsLeft);
  const time = await currentTime(third.page);
  assert.ok(time >= 30 && time < 45, `closed at 30 s, goes on at ${time} s`);
  await third.close();
  await first.close();
});

test("whoever logs out while a film plays goes on there after the next login", async () => {
  const { page, close } = await openPage(browser, daemon.url);
  await open(page);
  await seekTo(page, film, 70);
  await pause(page);
  await startPlaying(page);
  await page.waitForFunction(() => window.carrelPlayer.video.currentTime >= 74, null, { timeout: 30_000 });
  // One that was told as always may still be on its way.
  let left = 0;
  page.on("request", (request) => {
    if (request.method() === "PUT") left = request.postDataJSON().seconds;
  });
  await page.getByRole("button", { name: "Log out" }).click();
  await page.waitForURL("/login");
  // The player's clock ticks four times a second.
  assert.ok(left >= 73 && left < 84, `${left}`);
  await open(page, openLibraryAsLeft);
  await goesOnAt(page, left);
  await close();
});

test("a film seen to its end begins at the beginning, and one only looked at stays where it was", async () => {
  const { page, close } = await openPage(browser, daemon.url);
  await open(page);
  await seekTo(page, film, 50);
  const stopped = await pause(page);
  await page.reload();
  await goesOnAt(page, stopped);
  await backToLibrary(page);
  await cardOf(page, film.title).click();
  await goesOnAt(page, stopped);

  await startPlaying(page);
  await seekTo(page, film, film.seconds - 4);
  await told(page, () => page.waitForFunction(() => window.carrelPlayer.video.ended, null, { timeout: 30_000 }));
  await backToLibrary(page);
  await cardOf(page, film.title).waitFor();
  assert.equal(await seen(page).count(), 0);
  await cardOf(page, film.title).click();
  await goesOnAt(page, 0);
  await close();
});
