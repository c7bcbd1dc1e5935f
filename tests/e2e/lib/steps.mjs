import { films } from "./films.mjs";
import { user } from "./daemon.mjs";

export async function logIn(page, password = user.password) {
  await page.goto("/login");
  await page.getByLabel("User name").fill(user.name);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Log in" }).click();
}

/** As openLibraryAsLeft(), but films begin at the beginning, whatever other tests have watched. */
export async function openLibrary(page, all = films) {
  const id = await openLibraryAsLeft(page, all);
  await page.evaluate(async () => {
    const { items } = await (await fetch("/api/v1/videos")).json();
    const headers = { "Content-Type": "application/json" };
    for (const film of items) {
      await fetch(`/api/v1/videos/${film.id}/position`, { method: "PUT", headers, body: '{"seconds": 0}' });
    }
  });
  return id;
}

/** Logs in and waits until every one of `all` is indexed; returns the user's id. */
export async function openLibraryAsLeft(page, all = films) {
  await logIn(page);
  await page.waitForURL("/");
  await page.waitForFunction(
    (count) => document.querySelectorAll('.card[data-state="ready"]').length === count,
    all.length,
    { timeout: 60_000 },
  );
  return page.evaluate(async () => (await (await fetch("/api/v1/me")).json()).id);
}

export const cardOf = (page, title) => page.locator(".card", { has: page.getByRole("heading", { name: title, exact: true }) });
