import assert from "node:assert/strict";
import { copyFile, mkdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { launch, openPage, picture } from "./lib/browser.mjs";
import { startDaemon } from "./lib/daemon.mjs";
import { films, makeFilms } from "./lib/films.mjs";
import { cardOf, logIn } from "./lib/steps.mjs";

let daemon;
let browser;
let library;

async function makeEmpty(folder) {
  library = folder;
  await makeFilms(join(folder, "../films"));
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder);
}

before(async () => {
  daemon = await startDaemon({ folder: "arriving-films", make: makeEmpty, settings: { CARREL_LIBRARY_RESCAN: "1s" } });
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await daemon?.stop();
});

test("an empty library says what to do, and films appear on the open page by themselves", async () => {
  const { page, complaints, close } = await openPage(browser, daemon.url);
  await logIn(page);
  await page.getByText("No films yet").waitFor();
  await picture(page, "library-empty");
  // One after the other, as they are when somebody copies them.
  for (const film of films.slice(0, 2)) {
    // Under a hidden name until it is whole.
    await copyFile(join(library, "../films", film.file), join(library, ".arriving"));
    await rename(join(library, ".arriving"), join(library, film.file));
    await cardOf(page, film.title).and(page.locator('[data-state="ready"]')).waitFor({ timeout: 60_000 });
  }
  assert.equal(await page.getByText("No films yet").count(), 0);
  assert.deepEqual(complaints, []);
  await close();
});
