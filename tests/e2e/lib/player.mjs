import assert from "node:assert/strict";

import { secondsOf, width } from "./films.mjs";

/** Presses play where the browser did not start by itself, and waits until the film has gone on for a second. */
export async function startPlaying(page) {
  await page.waitForFunction(() => window.carrelPlayer?.video.readyState >= 2, null, { timeout: 30_000 });
  if (await page.evaluate(() => window.carrelPlayer.video.paused)) {
    await page.locator("media-control-bar media-play-button").click();
  }
  await page.evaluate(noteFreezes, freezeMs);
  await goesOn(page);
}

/** Waits until the film is played a second further than now. */
export async function goesOn(page, seconds = 30) {
  const from = await page.evaluate(() => window.carrelPlayer.video.currentTime);
  await page.waitForFunction((start) => window.carrelPlayer.video.currentTime >= start + 1, from, {
    timeout: seconds * 1000,
  });
}

/** Seeks, and checks that the film goes on from there and that the picture belongs to the time. */
export async function seekTo(page, film, seconds) {
  await page.evaluate((time) => {
    window.carrelPlayer.video.currentTime = time;
  }, seconds);
  await page.waitForFunction((time) => {
    const { video } = window.carrelPlayer;
    return !video.seeking && video.readyState >= 3 && video.currentTime > time;
  }, seconds, { timeout: 30_000 });
  const { time, channel } = await look(page);
  // The first frame may begin just before the wanted time.
  assert.ok(time > seconds - 0.1 && time < seconds + 10, `asked for ${seconds} s, the player says ${time} s`);
  const shown = secondsOf(channel, film);
  assert.ok(Math.abs(shown - time) < 1.5, `the player says ${time} s, the picture ${shown} s`);
}

/** The player's clock and the grey of the right half, taken from the same frame. */
function look(page) {
  return page.evaluate(
    (frameWidth) =>
      new Promise((done) => {
        const { video } = window.carrelPlayer;
        video.requestVideoFrameCallback((_now, frame) => {
          const canvas = document.createElement("canvas");
          canvas.width = 1;
          canvas.height = 1;
          const context = canvas.getContext("2d");
          context.drawImage(video, frameWidth * 0.75, video.videoHeight / 2, 1, 1, 0, 0, 1, 1);
          done({ time: frame.mediaTime, channel: context.getImageData(0, 0, 1, 1).data[1] });
        });
      }),
    width,
  );
}

/** So long may time stand while nothing is sought or paused. */
const freezeMs = 2_000;

/** In the page: gathers from now on where time stood for longer. */
function noteFreezes(limit) {
  if (window.freezes) return;
  window.freezes = [];
  let [stoodAt, since] = [-1, 0];
  setInterval(() => {
    const { currentTime, paused, seeking } = window.carrelPlayer?.video ?? { paused: true };
    const now = performance.now();
    const stands = !paused && !seeking && currentTime === stoodAt;
    if (stands && now - since > limit) window.freezes.push(currentTime);
    else if (stands) return;
    [stoodAt, since] = [currentTime, now];
  }, 100);
}

/** With so many seconds in the buffer it is the browser that is late, on a machine that is busy, and not the film: once. */
const enough = 1;
const browserWasLate = ({ detail }) =>
  detail.startsWith("bufferStalledError") && Number(/"len":([\d.]+)/.exec(detail)?.[1] ?? 0) >= enough;

export async function state(page) {
  const seen = await page.evaluate(() => {
    const { engine, errors, failures, video } = window.carrelPlayer;
    const frozen = window.freezes.map((at) => ({ kind: "freeze", detail: `time stood at ${at} s`, fatal: false }));
    return { engine, errors: [...errors, ...frozen], failures, width: video.videoWidth, duration: video.duration };
  });
  const excused = seen.errors.find(browserWasLate);
  return { ...seen, errors: seen.errors.filter((error) => error !== excused) };
}
