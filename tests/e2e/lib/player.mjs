import assert from "node:assert/strict";

import { secondsOf, width } from "./films.mjs";

/** Presses play where the browser did not start by itself, and waits until the film has gone on for a second. */
export async function startPlaying(page) {
  await page.waitForFunction(() => window.carrelPlayer?.video.readyState >= 2, null, { timeout: 30_000 });
  if (await page.evaluate(() => window.carrelPlayer.video.paused)) {
    await page.locator("media-control-bar media-play-button").click();
  }
  await page.evaluate(noteStandstills, standstillMs);
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

/** From here on a stall that hls.js tells of is one: it does so after a tenth of a second. */
const standstillMs = 500;

/** In the page: gathers from now on where time stood for so long, and how long in the end. */
function noteStandstills(least) {
  if (window.standstills) return;
  window.standstills = new Set();
  let stood = { at: -1 };
  setInterval(() => {
    const { currentTime, paused, seeking } = window.carrelPlayer?.video ?? { paused: true };
    const now = performance.now();
    if (paused || seeking || currentTime !== stood.at) stood = { at: currentTime, since: now };
    else if (now - stood.since >= least) window.standstills.add(Object.assign(stood, { ms: now - stood.since }));
  }, 100);
}

/** With so many seconds in the buffer it is the browser that is late, on a machine that is busy, and not the film. */
const enough = 1;

function browserWasLate({ detail, fatal }, standstills) {
  const [, at, buffered] = /^bufferStalledError: .*? at @([\d.]+) .*?"len":([\d.]+)/.exec(detail) ?? [];
  return !fatal && Number(buffered) >= enough && !standstills.some((one) => Math.abs(one.at - Number(at)) < 0.1);
}

export async function state(page) {
  const { errors, standstills, ...seen } = await page.evaluate(() => {
    const { engine, errors, failures, video } = window.carrelPlayer;
    const standstills = [...window.standstills];
    return { engine, errors, standstills, failures, width: video.videoWidth, duration: video.duration };
  });
  const stalls = errors.filter((error) => !browserWasLate(error, standstills));
  const freezes = standstills.filter(({ ms }) => ms > freezeMs);
  const frozen = freezes.map(({ at }) => ({ kind: "freeze", detail: `time stood at ${at} s`, fatal: false }));
  return { ...seen, errors: [...stalls, ...frozen] };
}
