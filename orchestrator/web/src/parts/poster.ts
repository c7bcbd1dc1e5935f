import { el } from "../dom";

/** The picture of a film; of one that has none its initial on a colour of its own, the same at every visit. */
export function poster(title: string, id: string, url: string | null = null): HTMLElement {
  const box = el("div", { class: "poster", "aria-hidden": "true" }, el("span", { class: "initial" }, initial(title)));
  if (url !== null) {
    const image = el("img", { src: url, alt: "", loading: "lazy", decoding: "async" });
    image.addEventListener("error", () => image.remove(), { once: true });
    box.append(image);
  }
  box.style.setProperty("--hue", String(hue(id)));
  return box;
}

export function initial(title: string): string {
  const first = /[\p{L}\p{N}]/u.exec(title);
  return first ? first[0].toUpperCase() : "–";
}

/** 0–359. The last lines mix the high bits down, so that ids made one after the other get colours far apart. */
export function hue(id: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < id.length; i++) hash = Math.imul(hash ^ id.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) % 360;
}
