import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { launch, openPage } from "./lib/browser.mjs";
import { startDaemon } from "./lib/daemon.mjs";
import { films } from "./lib/films.mjs";
import { goesOn, seekTo, startPlaying, state } from "./lib/player.mjs";
import { cardOf, openLibrary, openLibraryAsLeft } from "./lib/steps.mjs";
import { until } from "./lib/wait.mjs";

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

/** The second that the daemon would have the film go on at; null for its beginning. */
async function kept(page) {
  const { items } = await (await page.request.get("/api/v1/videos")).json();
  return items.find(({ title }) => title === film.title).position_seconds;
}

/** The last second that the page told the daemon, from now on. A second that it told before it does not tell again. */
function listen(page) {
  const told = { latest: 0 };
  page.on("request", (request) => {
    if (request.method() === "PUT") told.latest = request.postDataJSON().seconds;
  });
  return told;
}

/** The second at which it stands, once the daemon knows it. */
async function pause(page) {
  await page.evaluate(() => window.carrelPlayer.video.pause());
  return until("the daemon knows where the film was paused", 20, async () => {
    const second = Math.floor(await currentTime(page));
    return (await kept(page)) === second && second;
  });
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
  const told = listen(first.page);
  await seekTo(first.page, film, 60);
  await backToLibrary(first.page);
  await cardOf(first.page, film.title).waitFor();
  await until("the daemon knows where the film was left", 20, async () => (await kept(first.page)) === told.latest);
  const left = told.latest;
  assert.ok(left >= 60, `${left}`);
  await cardOf(first.page, film.title).click();
  await goesOnAt(first.page, left);

  await startPlaying(first.page);
  await seekTo(first.page, film, 120);
  await until("the daemon hears of the film while it plays", 30, async () => (await kept(first.page)) >= 120);
  const playing = await kept(first.page);
  const second = await openPage(browser, daemon.url);
  await open(second.page, openLibraryAsLeft);
  await goesOnAt(second.page, playing, () => Math.max(told.latest, playing));
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
  const told = listen(page);
  await seekTo(page, film, 70);
  await pause(page);
  await startPlaying(page);
  await page.waitForFunction(() => window.carrelPlayer.video.currentTime >= 74, null, { timeout: 30_000 });
  await page.getByRole("button", { name: "Log out" }).click();
  await page.waitForURL("/login");
  const left = told.latest;
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
  await page.waitForFunction(() => window.carrelPlayer.video.ended, null, { timeout: 30_000 });
  await until("the daemon knows that it was seen", 20, async () => (await kept(page)) === null);
  await backToLibrary(page);
  await cardOf(page, film.title).waitFor();
  assert.equal(await seen(page).count(), 0);
  await cardOf(page, film.title).click();
  await goesOnAt(page, 0);
  await close();
});
