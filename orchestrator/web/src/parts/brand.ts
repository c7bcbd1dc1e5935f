import { el } from "../dom";

export function brand(): HTMLElement {
  return el("span", { class: "wordmark" }, el("img", { src: "/icon.svg", alt: "", width: "28", height: "28" }), "Carrel");
}
