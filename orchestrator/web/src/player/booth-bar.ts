import { outside } from "../base";
import { el } from "../dom";
import { type BoothEvent, boothWords } from "./booth-words";

const shownMs = 10_000;
const types = ["sandbox.state", "sandbox.warning", "sandbox.waiting"];

/** A small bar that says what happens to the viewer's booth, for as long as it is news; it listens until `signal`
 *  aborts. Says nothing of a connection that is lost: the browser comes back by itself, and so does the player. */
export function boothBar(signal: AbortSignal): HTMLElement {
  const bar = el("div", { class: "booth", role: "status", hidden: true });
  let timer: ReturnType<typeof setTimeout> | undefined;
  let replacing = false;
  const source = new EventSource(outside("/api/v1/events"));
  const hear = (message: MessageEvent<string>) => {
    const event = parsed(message.data);
    const words = boothWords(message.type, event, replacing);
    if (words === null) return;
    replacing = event.state !== "assigned";
    bar.textContent = words;
    bar.hidden = false;
    clearTimeout(timer);
    timer = setTimeout(() => (bar.hidden = true), shownMs);
  };
  for (const type of types) source.addEventListener(type, hear);
  signal.addEventListener("abort", () => {
    source.close();
    clearTimeout(timer);
  });
  return bar;
}

function parsed(data: string): BoothEvent {
  try {
    return (JSON.parse(data) ?? {}) as BoothEvent;
  } catch {
    return {};
  }
}
