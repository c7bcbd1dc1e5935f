// hls.js and Shaka, as others wrote them, on a page of the test's own: start, twenty random seeks, sound and picture together, to
// the end.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";

import { launch, openPage } from "./lib/browser.mjs";
import { clocks, makeClocks, modernClocks, oldClock, seconds, uneven } from "./lib/clock.mjs";
import { startDaemon, user } from "./lib/daemon.mjs";
import { until } from "./lib/wait.mjs";

// A browser shows and plays in steps of 10 to 40 ms, and this machine has two cores; people notice from 100 ms on.
const tolerance = 100;
const seeks = 20;

const here = dirname(fileURLToPath(import.meta.url));
const scripts = {
  "/test/hls.js": join(here, "node_modules/hls.js/dist/hls.min.js"),
  "/test/shaka.js": join(here, "node_modules/shaka-player/dist/shaka-player.compiled.js"),
  "/test/page.js": join(here, "lib/clock-page.js"),
};
const html = `<!doctype html><video width="320" height="180"></video>${Object.keys(scripts)
  .map((path) => `<script src="${path}"></script>`)
  .join("")}`;

let daemon;
let browser;

before(async () => {
  daemon = await startDaemon({ folder: "clocks", make: makeClocks });
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await daemon?.stop();
});

/** The same numbers each time. */
function* random(state) {
  for (;;) {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    yield state / 2 ** 31;
  }
}

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

async function openClock(engine, title, playlist) {
  const opened = await openPage(browser, daemon.url);
  const { page } = opened;
  // On the daemon's own origin, as the page of a player is.
  await page.route("**/test/**", async (route) => {
    const path = new URL(route.request().url()).pathname;
    if (path === "/test/") await route.fulfill({ contentType: "text/html", body: html });
    else await route.fulfill({ contentType: "text/javascript", body: await readFile(scripts[path], "utf8") });
  });
  const credentials = { username: user.name, password: user.password };
  assert.equal((await page.request.post("/api/v1/auth/login", { data: credentials })).status(), 200);
  const video = await until(`${title} is ready`, 60, async () => {
    const { items } = await (await page.request.get("/api/v1/videos")).json();
    return items.find((item) => item.title === title && item.state === "ready");
  });
  assert.ok(video.playable, video.reason);
  await page.goto("/test/");
  const url = `/stream/${video.id}/${playlist}`;
  await page.evaluate(([which, where]) => window.begin(which, where), [engine, url]);
  return opened;
}

const watched = (page) => page.evaluate(() => window.watched);

/** The last three of so many seconds; and nothing was wrong by then. */
async function watchTheEnd(page, length) {
  await page.evaluate((to) => window.seek(to), length - 3);
  await page.waitForFunction(() => window.video.ended, null, { timeout: 30_000 });
  const { errors, stalls } = await watched(page);
  assert.deepEqual({ errors, stalls }, { errors: [], stalls: [] });
}

const playlists = { "hls.js": "master.m3u8", Shaka: "manifest.mpd" };
const cases = Object.entries(playlists).flatMap(([engine, playlist]) => clocks.map(({ title }) => ({ engine, title, playlist })));

/** Each second's subtitle begins with its flash, and after a seek that of the moment is shown. */
async function checkSubtitles(page, flashedAt) {
  await page.evaluate(() => {
    window.hls.subtitleDisplay = true;
    window.hls.subtitleTrack = 0;
  });
  const numbers = random(5);
  for (let i = 0; i < seeks; i += 1) {
    await page.evaluate((to) => window.seek(to), numbers.next().value * (seconds - 3));
    // A busy browser changes the cues it shows some milliseconds after their time.
    const ofTheMoment = () => {
      const { at, active } = window.subtitles();
      return active.some(({ startTime, endTime }) => startTime <= at && at <= endTime);
    };
    await page.waitForFunction(ofTheMoment, null, { timeout: 20_000 });
  }
  const { all } = await page.evaluate(() => window.subtitles());
  assert.equal(new Set(all.map(({ text }) => text)).size, seconds);
  const picture = 1 / 25;
  assert.ok(flashedAt.length > 0, "no flash was seen from its first picture on");
  for (const at of flashedAt) {
    assert.ok(all.some(({ startTime }) => Math.abs(startTime - at) < picture), `no subtitle begins with the flash at ${at} s`);
  }
  // The first second's says which of them each is.
  const [first] = all;
  for (const { startTime, text } of all) {
    assert.ok(Math.abs(startTime - first.startTime - Number(text.split(" ")[1])) < 0.002, `${text} is at ${startTime} s`);
  }
}

const others = [
  { engine: "hls.js", title: oldClock.title, playlist: "ts.m3u8" },
  ...modernClocks.map(({ engine, title }) => ({ engine, title, playlist: playlists[engine] })),
];

for (const { engine, title, playlist } of [...cases, ...others]) {
  test(`"${title}" as ${playlist} with ${engine}: start, ${seeks} seeks, in sync, to the end`, async () => {
    const { page, complaints, close } = await openClock(engine, title, playlist);
    await page.waitForFunction(() => window.video.currentTime > 1, null, { timeout: 30_000 });
    assert.ok(Math.abs((await page.evaluate(() => window.video.duration)) - seconds) < 0.2);
    const numbers = random(4);
    for (let i = 0; i < seeks; i += 1) {
      await page.evaluate((to) => window.seek(to), numbers.next().value * (seconds - 3));
    }
    await page.evaluate(() => window.seek(10.5));
    await page.evaluate(() => window.watch());
    await page.waitForFunction(() => window.watched.flashes.length >= 8 && window.watched.beeps.length >= 8, null, {
      timeout: 30_000,
    });
    const { flashes, beeps } = await watched(page);
    const nearest = (flash) => beeps.reduce((best, beep) => (Math.abs(beep - flash) < Math.abs(best - flash) ? beep : best));
    const late = median(flashes.map((flash) => nearest(flash) - flash));
    console.log(`${title}, ${engine}: the sound is ${late.toFixed(0)} ms behind the picture`);
    assert.ok(Math.abs(late) < tolerance, `the sound is ${late} ms behind the picture`);
    if (playlist === "ts.m3u8") await checkSubtitles(page, (await watched(page)).flashedAt);
    await watchTheEnd(page, seconds);
    assert.deepEqual(complaints, []);
    await close();
  });
}

for (const { title, picture, sound, engines } of uneven) {
  for (const engine of engines) {
    test(`"${title}" with ${engine} lasts as long as what lasts longer, and plays where there is only one`, async () => {
      const { page, complaints, close } = await openClock(engine, title, playlists[engine]);
      await page.waitForFunction((until) => window.video.currentTime > until, Math.min(picture, sound) + 1, { timeout: 30_000 });
      const whole = Math.max(picture, sound);
      assert.ok(Math.abs((await page.evaluate(() => window.video.duration)) - whole) < 0.2);
      await watchTheEnd(page, whole);
      assert.deepEqual(complaints, []);
      await close();
    });
  }
}
