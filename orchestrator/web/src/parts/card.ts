import { outside } from "../base";
import type { Video } from "../api";
import { el, icon } from "../dom";
import * as format from "../format";
import { poster } from "./poster";

const playPath = "M8 5.5v13l11-6.5z";

/** One film of the library, with the reason when it does not play. */
export function card(video: Video): HTMLLIElement {
  const picture = poster(video.title, video.id, video.poster_url ?? null);
  if (video.duration_seconds) {
    picture.append(el("span", { class: "length" }, format.duration(video.duration_seconds)));
  }
  if (video.duration_seconds && video.position_seconds) {
    const seen = el("span", { class: "seen" });
    seen.style.setProperty("--share", String(video.position_seconds / video.duration_seconds));
    picture.append(seen);
  }
  if (video.playable) picture.append(el("span", { class: "play" }, icon(playPath)));
  const text = el("div", { class: "card-text" }, el("h3", {}, video.title), facts(video));
  const mark = badge(video);
  if (mark) text.append(mark);
  const item = el("li", { class: video.playable ? "card" : "card dead", "data-id": video.id, "data-state": video.state });
  item.append(el("a", { href: outside(`/watch/${video.id}`), class: "card-body" }, picture, text));
  return item;
}

export const beingIndexed = (video: Video) => video.state === "waiting" || video.state === "indexing";

function facts(video: Video): HTMLElement {
  const line = el("p", { class: "facts" });
  if (video.duration_seconds) {
    line.append(el("span", { class: "only-heard" }, `${format.spokenDuration(video.duration_seconds)}, `));
  }
  if (video.position_seconds) {
    line.append(el("span", { class: "only-heard" }, `seen up to ${format.spokenDuration(video.position_seconds)}, `));
  }
  const known = [
    video.container ? format.container(video.container) : null,
    format.resolution(video.width, video.height),
    format.bytes(video.size_bytes),
  ].filter((fact): fact is string => fact !== null);
  line.append(known.join(" · "));
  return line;
}

function badge(video: Video): HTMLElement | null {
  if (beingIndexed(video)) {
    const label = video.state === "waiting" ? "Waiting to be indexed" : "Being indexed";
    return el("p", { class: "badge busy" }, label);
  }
  if (video.playable) return null;
  return el(
    "div",
    { class: "why" },
    el("p", { class: "badge off" }, "Does not play yet"),
    el("p", { class: "reason" }, video.reason || "No reason is known. The daemon's log names the film."),
  );
}
