import { el } from "../dom";

/** The picture of a film that has none: its initial on a colour of its own, the same at every visit. */
export function poster(title: string, id: string): HTMLElement {
  const box = el("div", { class: "poster", "aria-hidden": "true" }, el("span", { class: "initial" }, initial(title)));
  box.style.setProperty("--hue", String(hue(id)));
  return box;
}

export function initial(title: string): string {
  const first = /[\p{L}\p{N}]/u.exec(title);
  return first ? first[0].toUpperCase() : "–";
}

/** 0–359, spread by an FNV-1a hash so that neighbouring ids differ. */
export function hue(id: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < id.length; i++) hash = Math.imul(hash ^ id.charCodeAt(i), 0x01000193) >>> 0;
  return hash % 360;
}
