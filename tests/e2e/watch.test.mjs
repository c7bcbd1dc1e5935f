import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { launch, openPage, picture } from "./lib/browser.mjs";
import { startDaemon } from "./lib/daemon.mjs";
import { films, width } from "./lib/films.mjs";
import { goesOn, seekTo, startPlaying, state } from "./lib/player.mjs";
import { cardOf, openLibrary } from "./lib/steps.mjs";

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

for (const film of films) {
  test(`"${film.title}" plays over HLS, and from wherever it is sought to`, async () => {
    const { page, complaints, close } = await openPage(browser, daemon.url);
    await openLibrary(page);
    await cardOf(page, film.title).click();
    await startPlaying(page);
    const playing = await state(page);
    assert.equal(playing.engine, "hls.js");
    assert.equal(playing.width, width);
    assert.ok(Math.abs(playing.duration - film.seconds) < 0.2, `the player says ${playing.duration} s`);

    for (const share of [0.5, 0.93, 0.1]) {
      await seekTo(page, film, film.seconds * share);
      await goesOn(page);
    }
    await page.mouse.move(400, 400);
    if (film === films[0]) await picture(page, "player");
    const { errors, failures } = await state(page);
    assert.deepEqual({ errors, failures }, { errors: [], failures: 0 });
    assert.deepEqual(complaints, []);
    await close();
  });
}

test("a film plays to its end", async () => {
  const { page, close } = await openPage(browser, daemon.url);
  await openLibrary(page);
  await cardOf(page, films[0].title).click();
  await startPlaying(page);
  await seekTo(page, films[0], films[0].seconds - 4);
  await page.waitForFunction(() => window.carrelPlayer.video.ended, null, { timeout: 30_000 });
  assert.deepEqual((await state(page)).errors, []);
  await close();
});

test("the keyboard plays, pauses, seeks, mutes and goes full screen", async () => {
  const { page, complaints, close } = await openPage(browser, daemon.url);
  await openLibrary(page);
  await cardOf(page, films[0].title).click();
  await startPlaying(page);
  const player = (test) => page.waitForFunction(test, null, { timeout: 10_000 });
  await page.keyboard.press("Space");
  await player(() => window.carrelPlayer.video.paused);
  const before = await page.evaluate(() => window.carrelPlayer.video.currentTime);
  await page.keyboard.press("ArrowRight");
  // The controls count from the last time update, up to a quarter of a second old.
  await page.waitForFunction((from) => Math.abs(window.carrelPlayer.video.currentTime - from - 10) < 0.5, before);
  await page.keyboard.press("m");
  await player(() => window.carrelPlayer.video.muted);
  await page.keyboard.press("f");
  await page.locator("media-controller[mediaisfullscreen]").waitFor();
  assert.ok(await page.evaluate(() => document.fullscreenElement !== null));
  await page.keyboard.press("f");
  await player(() => document.fullscreenElement === null);
  await page.keyboard.press("Space");
  await goesOn(page);
  assert.deepEqual(complaints, []);
  await close();
});

test("the original file plays by range requests", async () => {
  const { page, complaints, close } = await openPage(browser, daemon.url);
  const statuses = new Set();
  page.on("response", (response) => {
    if (response.url().includes("/original")) statuses.add(response.status());
  });
  await openLibrary(page);
  await cardOf(page, films[0].title).click();
  await page.getByRole("link", { name: "Play the original file" }).click();
  await page.waitForFunction(() => window.carrelPlayer?.engine === "original");
  await startPlaying(page);
  await seekTo(page, films[0], 45);
  await goesOn(page);
  const { engine, errors, width: shown } = await state(page);
  assert.deepEqual({ engine, errors, shown }, { engine: "original", errors: [], shown: width });
  assert.deepEqual([...statuses], [206]);
  assert.deepEqual(complaints, []);
  await close();
});

test("the original file opened by itself plays in the browser's own player", async () => {
  const { page, complaints, close } = await openPage(browser, daemon.url);
  await openLibrary(page);
  const id = await cardOf(page, films[0].title).getAttribute("data-id");
  const answer = await page.goto(`/stream/${id}/original`);
  const headers = answer.headers();
  assert.match(headers["content-security-policy"], /default-src 'none'/);
  await page.waitForFunction(() => document.querySelector("video")?.currentTime > 1, null, { timeout: 30_000 });
  assert.equal(await page.evaluate(() => document.querySelector("video").videoWidth), width);
  assert.deepEqual(complaints, []);
  await close();
});

test("the link for other players opens the film without a cookie", async () => {
  const { page, complaints, close } = await openPage(browser, daemon.url);
  await openLibrary(page);
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await cardOf(page, films[0].title).click();
  await page.getByRole("button", { name: "Copy link for VLC/mpv" }).click();
  await page.getByText(/^Copied/).waitFor();
  const link = await page.evaluate(() => navigator.clipboard.readText());
  assert.ok(link.startsWith(`${daemon.url}/stream/`), link);
  const playlist = await fetch(link);
  assert.equal(playlist.status, 200);
  assert.match(await playlist.text(), /^#EXTM3U/);
  assert.deepEqual(complaints, []);
  await close();
});
