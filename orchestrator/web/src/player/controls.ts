import "media-chrome/dist/media-controller.js";
import "media-chrome/dist/media-control-bar.js";
import "media-chrome/dist/media-fullscreen-button.js";
import "media-chrome/dist/media-loading-indicator.js";
import "media-chrome/dist/media-mute-button.js";
import "media-chrome/dist/media-pip-button.js";
import "media-chrome/dist/media-play-button.js";
import "media-chrome/dist/media-preview-chapter-display.js";
import "media-chrome/dist/media-preview-thumbnail.js";
import "media-chrome/dist/media-preview-time-display.js";
import "media-chrome/dist/media-time-display.js";
import "media-chrome/dist/media-time-range.js";
import "media-chrome/dist/media-volume-range.js";

import { el } from "../dom";
import type { Settings } from "./settings";

/** The controls around a <video>, with `message` above the picture, in full screen too. Keyboard: space or k plays and
 *  pauses, left and right seek by 10 s, up and down set the volume, m mutes, f is full screen. */
export function controls(video: HTMLVideoElement, message: HTMLElement, settings: Settings): HTMLElement {
  const controller = el(
    "media-controller",
    { class: "player", tabindex: "0", hotkeys: "noc nop noj nol no< no> no? no/", autohide: "3" },
    video,
    el("media-loading-indicator", { slot: "centered-chrome", noautohide: true }),
    el("media-play-button", { slot: "centered-chrome", class: "big-play", notooltip: true }),
    message,
    settings.panel,
    el(
      "media-time-range",
      { class: "seek" },
      el("media-preview-thumbnail", { slot: "preview" }),
      el("media-preview-chapter-display", { slot: "preview" }),
      el("media-preview-time-display", { slot: "preview" }),
    ),
    el(
      "media-control-bar",
      {},
      el("media-play-button"),
      el("media-mute-button"),
      el("media-volume-range"),
      el("media-time-display", { showduration: true, notoggle: true }),
      el("span", { class: "spring" }),
      settings.button,
      el("media-pip-button"),
      el("media-fullscreen-button"),
    ),
  );
  message.slot = "top-chrome";
  message.toggleAttribute("noautohide", true);
  return controller;
}

const keys = new Set([" ", "k", "m", "f", "ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"]);

/** Lets the player's keys work while nothing in particular has the focus, as right after the page opened. */
export function forwardKeys(controller: HTMLElement, signal: AbortSignal): void {
  document.addEventListener(
    "keydown",
    (event) => {
      if (event.target !== document.body || !keys.has(event.key)) return;
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      // The player acts on the release of the key, which goes to whatever has the focus by then.
      controller.focus({ preventScroll: true });
      controller.dispatchEvent(new KeyboardEvent("keydown", event));
    },
    { signal },
  );
}
