import { outside } from "../base";
import { el } from "../dom";
import type { User } from "../api";
import { logOut } from "../session";
import { brand } from "./brand";
import { explainShortly } from "./notice";

/** The bar on top and the main area of a page that needs a session; returns the main area. */
export function frame(outlet: HTMLElement, user: User): HTMLElement {
  const button = el("button", { type: "button", class: "button quiet", id: "logout" }, "Log out");
  const trouble = el("p", { class: "bar-trouble", role: "alert" });
  button.addEventListener("click", async () => {
    button.disabled = true;
    trouble.textContent = "";
    try {
      await logOut();
    } catch (error) {
      trouble.textContent = `You are still logged in. ${explainShortly(error)}`;
      button.disabled = false;
    }
  });
  const main = el("main", { id: "main", tabindex: "-1" });
  const skip = el("button", { type: "button", class: "skip" }, "Skip to the content");
  skip.addEventListener("click", () => main.focus());
  const bar = el(
    "header",
    { class: "bar" },
    el("a", { class: "brand", href: outside("/"), "aria-label": "Carrel, to the library" }, brand()),
    el("span", { class: "who" }, user.username),
    button,
  );
  outlet.append(skip, bar, trouble, main);
  return main;
}
