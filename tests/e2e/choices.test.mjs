import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { launch, openPage, picture } from "./lib/browser.mjs";
import { startDaemon } from "./lib/daemon.mjs";
import { goesOn, startPlaying, state } from "./lib/player.mjs";
import { large, makeRichFilms, modern, old, richFilms, tongues } from "./lib/rich-films.mjs";
import { cardOf, openLibrary } from "./lib/steps.mjs";
import { until } from "./lib/wait.mjs";

let daemon;
let browser;

before(async () => {
  // Converted when a viewer asks, so that the page can be seen asking.
  daemon = await startDaemon({ folder: "rich-films", make: makeRichFilms, settings: { CARREL_JOBS_AUTO: "false" } });
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await daemon?.stop();
});

const option = (page, subject, label) =>
  page.locator(`.settings [data-subject="${subject}"] label`, { hasText: label }).locator("input");

async function openSettings(page) {
  await page.mouse.move(400, 300);
  if (!(await page.locator(".settings").isVisible())) await page.getByRole("button", { name: "Settings" }).click();
  await page.locator(".settings").waitFor();
}

/** The text of the subtitle on screen and the second of the film, taken together. A busy browser is some milliseconds late. */
async function subtitleOfTheMoment(page) {
  const found = await page.waitForFunction(() => {
    const { video } = window.carrelPlayer;
    const shown = [...video.textTracks].filter((track) => track.mode === "showing" && track.kind !== "metadata");
    const time = video.currentTime;
    const cue = [...(shown[0]?.activeCues ?? [])].find(({ startTime, endTime }) => startTime <= time && time <= endTime);
    return cue ? { text: cue.text, time } : null;
  }, null, { timeout: 20_000 });
  return found.jsonValue();
}

test("sound that the browser lacks is made into what it plays, and a choice of sound holds", async () => {
  const { page, complaints, close } = await openPage(browser, daemon.url);
  const masters = [];
  page.on("request", (request) => {
    const { pathname, searchParams } = new URL(request.url());
    if (pathname.endsWith("/master.m3u8")) masters.push(searchParams.get("caps")?.split(","));
  });
  await openLibrary(page, richFilms);
  await cardOf(page, tongues.title).click();
  await startPlaying(page);
  const [caps] = masters;
  assert.ok(caps?.includes("h264") && caps.includes("aac") && !caps.includes("ac3"), `${caps}`);
  await openSettings(page);
  assert.ok(await option(page, "sound", "English").isChecked());
  await picture(page, "settings");
  await option(page, "sound", "Deutsch").check();
  await goesOn(page);

  await page.reload();
  await startPlaying(page);
  await openSettings(page);
  assert.ok(await option(page, "sound", "Deutsch").isChecked());
  const { errors, failures } = await state(page);
  assert.deepEqual({ errors, failures }, { errors: [], failures: 0 });
  assert.deepEqual(complaints, []);
  await close();
});

test("a choice of quality holds", async () => {
  const { page, complaints, close } = await openPage(browser, daemon.url);
  await openLibrary(page, richFilms);
  const id = await cardOf(page, large.title).getAttribute("data-id");
  const asked = await page.request.post("/api/v1/admin/jobs", { data: { video: id, quality: "360p" } });
  assert.equal(asked.status(), 202);
  await until("the lower quality is ready", 120, async () => {
    const { qualities } = await (await page.request.get(`/api/v1/videos/${id}/qualities`)).json();
    return qualities.some((quality) => quality.id === "360p" && quality.state === "ready");
  });
  await cardOf(page, large.title).click();
  await startPlaying(page);
  await openSettings(page);
  assert.ok(await option(page, "quality", "Automatic").isChecked());
  for (const lines of [360, 480]) {
    // The film is short, and must not end before what was chosen is shown.
    await page.evaluate(() => (window.carrelPlayer.video.currentTime = 0));
    await option(page, "quality", new RegExp(`^${lines}p$`)).check();
    await page.waitForFunction((height) => window.carrelPlayer.video.videoHeight === height, lines, { timeout: 20_000 });
    await page.reload();
    await startPlaying(page);
    assert.equal(await page.evaluate(() => window.carrelPlayer.video.videoHeight), lines);
    await openSettings(page);
    assert.ok(await option(page, "quality", `${lines}p`).isChecked());
    const { errors, failures } = await state(page);
    assert.deepEqual({ errors, failures }, { errors: [], failures: 0 });
  }
  assert.deepEqual(complaints, []);
  await close();
});

test("subtitles inside and beside the film are in sync after seeks, and can be turned off", async () => {
  const { page, complaints, close } = await openPage(browser, daemon.url);
  await openLibrary(page, richFilms);
  await cardOf(page, tongues.title).click();
  await startPlaying(page);
  for (const [language, word] of [["en", "second"], ["fr", "seconde"]]) {
    await openSettings(page);
    const labels = await page.locator('.settings [data-subject="subtitles"] label').allTextContents();
    const label = labels.find((text) => text.toLowerCase().startsWith(language)) ?? labels.at(language === "en" ? 1 : 2);
    await option(page, "subtitles", label).check();
    await page.keyboard.press("Escape");
    for (const seconds of [31, 5, 18]) {
      await page.evaluate((time) => (window.carrelPlayer.video.currentTime = time), seconds);
      await page.waitForFunction(() => !window.carrelPlayer.video.seeking && window.carrelPlayer.video.readyState >= 3);
      const { text, time } = await subtitleOfTheMoment(page);
      const [shownWord, begins] = text.split(" ");
      assert.equal(shownWord, word);
      assert.ok(time >= Number(begins) - 0.05 && time < Number(begins) + 2.3, `"${text}" at ${time} s`);
    }
  }
  await openSettings(page);
  await option(page, "subtitles", "Off").check();
  await page.waitForFunction(
    () => ![...window.carrelPlayer.video.textTracks].some((track) => track.mode === "showing" && track.kind === "subtitles"),
  );
  assert.deepEqual((await state(page)).errors, []);
  assert.deepEqual(complaints, []);
  await close();
});

test("chapters and previews are there for the time bar", async () => {
  const { page, close } = await openPage(browser, daemon.url);
  await openLibrary(page, richFilms);
  const id = await cardOf(page, tongues.title).getAttribute("data-id");
  await cardOf(page, tongues.title).click();
  await startPlaying(page);
  const cuesOf = (kind) =>
    page.waitForFunction((wanted) => {
      const track = [...window.carrelPlayer.video.textTracks].find((one) => one.kind === wanted && one.cues?.length);
      return track ? [...track.cues].map((cue) => cue.text) : null;
    }, kind, { timeout: 60_000 }).then((found) => found.jsonValue());
  assert.deepEqual(await cuesOf("chapters"), ["The Beginning", "The End"]);
  // The page asks once.
  const previewsAreThere = async () => (await page.request.get(`/stream/${id}/sprites.vtt`)).status() === 200;
  await until("the previews are there", 60, previewsAreThere);
  await page.mouse.move(400, 300);
  await page.locator("media-time-range").hover();
  const previews = await cuesOf("metadata");
  assert.match(previews[0], /#xywh=\d+,\d+,\d+,\d+$/);
  await close();
});

test("a film that no browser plays is converted from its page, and then plays by itself", async () => {
  const { page, complaints, close } = await openPage(browser, daemon.url);
  await openLibrary(page, richFilms);
  await cardOf(page, old.title).click();
  await page.getByRole("button", { name: "Convert it now" }).click();
  await page.getByRole("heading", { name: /converted/ }).waitFor();
  await page.waitForFunction(() => window.carrelPlayer !== undefined, null, { timeout: 120_000 });
  await startPlaying(page);
  const { engine, errors, width } = await state(page);
  assert.deepEqual({ engine, errors, width }, { engine: "hls.js", errors: [], width: 640 });
  assert.deepEqual(complaints, []);
  await close();
});

test("a film whose picture this browser lacks is converted from where it failed, and then plays by itself", async () => {
  const { page, complaints, close } = await openPage(browser, daemon.url);
  await openLibrary(page, richFilms);
  await cardOf(page, modern.title).click();
  await page.locator(".message").getByRole("button", { name: "Convert it now" }).click();
  await page.getByRole("heading", { name: /converted/ }).waitFor();
  await page.waitForFunction(() => window.carrelPlayer !== undefined, null, { timeout: 120_000 });
  await startPlaying(page);
  await page.reload();
  await startPlaying(page);
  const { engine, errors, failures, width } = await state(page);
  assert.deepEqual({ engine, errors, failures, width }, { engine: "hls.js", errors: [], failures: 0, width: 640 });
  assert.deepEqual(complaints, []);
  await close();
});
