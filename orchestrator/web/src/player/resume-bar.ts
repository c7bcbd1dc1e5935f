import { el } from "../dom";
import * as format from "../format";

/** Says, once the film is there, that it goes on at `from` seconds, and offers to begin at the beginning, which `onStartOver` hears. */
export function resumeBar(video: HTMLVideoElement, from: number, onStartOver: () => void, signal: AbortSignal): HTMLElement {
  const again = el("button", { type: "button", class: "button quiet" }, "Start over");
  const bar = el(
    "div",
    { class: "resumed", role: "status", hidden: true },
    el("span", {}, `You stopped at ${format.duration(from)}; the film goes on there.`),
    again,
  );
  // Not before: on its way to its place a player would not hear of another one.
  video.addEventListener("canplay", () => (bar.hidden = false), { once: true, signal });
  again.addEventListener("click", () => {
    bar.remove();
    onStartOver();
    video.currentTime = 0;
    void video.play().catch(() => undefined);
  });
  return bar;
}
