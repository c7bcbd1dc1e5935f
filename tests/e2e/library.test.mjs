import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { launch, openPage, picture } from "./lib/browser.mjs";
import { containersOf } from "./lib/containers.mjs";
import { startDaemon } from "./lib/daemon.mjs";
import { films } from "./lib/films.mjs";
import { goesOn, startPlaying } from "./lib/player.mjs";
import { cardOf, logIn, openLibrary } from "./lib/steps.mjs";
import { until } from "./lib/wait.mjs";

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

test("a wrong password is refused in words, and the form stays usable", async () => {
  const { page, complaints, close } = await openPage(browser, daemon.url);
  await logIn(page, "not the right passphrase");
  const alert = page.locator(".form-trouble");
  await alert.filter({ hasText: /\w/ }).waitFor();
  assert.equal(new URL(page.url()).pathname, "/login");
  assert.equal((await page.request.get("/api/v1/me")).status(), 401);
  assert.deepEqual(complaints, []);
  await close();
});

test("a page that needs a session leads to the login, and then back", async () => {
  const { page, complaints, close } = await openPage(browser, daemon.url);
  await page.goto("/watch/0190a0b0-0000-7000-8000-000000000000");
  await page.waitForURL(/\/login\?next=/);
  await logIn(page);
  await page.waitForURL("/");
  assert.deepEqual(complaints, []);
  await close();
});

test("the library lists the films with their lengths", async () => {
  const { page, complaints, close } = await openPage(browser, daemon.url);
  await openLibrary(page);
  for (const film of films) {
    const length = await cardOf(page, film.title).locator(".length").textContent();
    assert.equal(length, film.seconds === 60 ? "1:00" : "3:00", film.title);
  }
  await picture(page, "library");
  assert.deepEqual(complaints, []);
  await close();
});

test("on a phone the library fits the screen", async () => {
  const { page, complaints, close } = await openPage(browser, daemon.url, { width: 390, height: 844 });
  await openLibrary(page);
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth));
  await picture(page, "library-phone");
  assert.deepEqual(complaints, []);
  await close();
});

test("a film that is not there says so", async () => {
  const { page, close } = await openPage(browser, daemon.url);
  await openLibrary(page);
  await page.goto("/watch/0190a0b0-0000-7000-8000-000000000000");
  await page.getByRole("alert").filter({ hasText: /video|film/i }).waitFor();
  await close();
});

test("logging out takes the container away, and the session with it", async () => {
  const { page, complaints, close } = await openPage(browser, daemon.url);
  const userId = await openLibrary(page);
  await cardOf(page, films[0].title).click();
  await startPlaying(page);
  await goesOn(page);
  // Those of the tests before are on their way out.
  const [own] = await until("there is one container, of this session", 30, async () => {
    const running = await containersOf(userId);
    return running.length === 1 && running;
  });

  await page.getByRole("button", { name: "Log out" }).click();
  await page.waitForURL("/login");
  await page.getByLabel("User name").waitFor();
  assert.equal((await page.request.get("/api/v1/me")).status(), 401);
  assert.equal((await page.request.get("/api/v1/videos")).status(), 401);
  await until("the container is gone", 30, async () => !(await containersOf(userId)).includes(own));
  assert.deepEqual(complaints, []);
  await close();
});
