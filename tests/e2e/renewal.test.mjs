import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { launch, openPage, slowDown } from "./lib/browser.mjs";
import { containersOf, kill } from "./lib/containers.mjs";
import { startDaemon } from "./lib/daemon.mjs";
import { films } from "./lib/films.mjs";
import { goesOn, seekTo, startPlaying, state } from "./lib/player.mjs";
import { cardOf, openLibrary } from "./lib/steps.mjs";

let daemon;
let browser;
// Longer than any player reads ahead.
const film = films.find(({ seconds }) => seconds === 180);

before(async () => {
  daemon = await startDaemon();
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await daemon?.stop();
});

async function openFilm(source) {
  const opened = await openPage(browser, daemon.url);
  const userId = await openLibrary(opened.page);
  // Chromium would hold the whole of so small a file before the container is killed.
  if (source === "original") await slowDown(opened.page, 150_000);
  await cardOf(opened.page, film.title).click();
  if (source === "original") {
    await opened.page.getByRole("link", { name: "Play the original file" }).click();
    await opened.page.waitForFunction(() => window.carrelPlayer?.engine === "original");
  }
  await startPlaying(opened.page);
  return { ...opened, userId };
}

for (const source of ["hls", "original"]) {
  test(`the film goes on after its container was killed (${source})`, async () => {
    const { page, complaints, userId, close } = await openFilm(source);
    const killed = await containersOf(userId);
    for (const id of killed) await kill(id);
    // To a part that is not there yet, so that the new container has to bring it.
    await seekTo(page, film, 120);
    await goesOn(page);
    assert.equal((await state(page)).failures, 0);
    assert.ok((await containersOf(userId)).some((id) => !killed.includes(id)), "a new container came up");
    assert.deepEqual(complaints, []);
    await close();
  });
}

test("a player that waits for its booth says so, and starts again by itself", async () => {
  const { page, close } = await openFilm("hls");
  // What a daemon without room answers; held up on the way, because the real thing is over too quickly to be seen.
  await page.route("**/stream/**", (route) =>
    route.fulfill({ status: 503, headers: { "Retry-After": "1" }, contentType: "application/problem+json", body: "{}" }),
  );
  await page.evaluate(() => {
    window.carrelPlayer.video.currentTime = 150;
  });
  await page.getByText("Your booth is being renewed…").waitFor();
  await page.unroute("**/stream/**");
  await page.waitForFunction(() => window.carrelPlayer.video.currentTime > 151, null, { timeout: 30_000 });
  await page.getByText("Your booth is being renewed…").waitFor({ state: "hidden" });
  assert.equal((await state(page)).failures, 0);
  await close();
});

test("the page says what happened to the booth, and what it says goes away by itself", async () => {
  const { page, complaints, userId, close } = await openFilm("hls");
  const admin = page.context().request;
  const { items } = await (await admin.get("/api/v1/admin/sandboxes")).json();
  const [container] = await containersOf(userId);
  const booth = items.find((item) => item.container === container);
  assert.equal((await admin.post(`/api/v1/admin/sandboxes/${booth.id}/kill`)).status(), 200);
  const bar = page.getByText("An administrator ended your booth; it is being replaced.");
  await bar.waitFor();
  await seekTo(page, film, 120);
  await page.getByText("Your booth is ready.").waitFor();
  await page.getByText("Your booth is ready.").waitFor({ state: "hidden" });
  assert.equal((await state(page)).failures, 0);
  assert.deepEqual(complaints, []);
  await close();
});
