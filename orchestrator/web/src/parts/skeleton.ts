import { el } from "../dom";

/** Grey shapes in the place of cards that are on their way. */
export function skeletonCards(count: number): HTMLElement {
  const list = el("ul", { class: "grid", "aria-hidden": "true" });
  for (let i = 0; i < count; i++) {
    list.append(
      el(
        "li",
        { class: "card ghost" },
        el("div", { class: "poster" }),
        el("div", { class: "card-text" }, el("div", { class: "line" }), el("div", { class: "line short" })),
      ),
    );
  }
  return list;
}
