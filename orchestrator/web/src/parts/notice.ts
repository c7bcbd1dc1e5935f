import { ApiError } from "../api";
import { el } from "../dom";

interface Notice {
  title: string;
  detail: string;
  action?: { label: string; run: () => void };
}

/** A message that takes the place of what could not be shown, with what to do next. */
export function notice({ title, detail, action }: Notice, role: "alert" | "status" = "status"): HTMLElement {
  const box = el("div", { class: "notice", role }, el("h2", {}, title), el("p", {}, detail));
  if (action) {
    const button = el("button", { type: "button", class: "button" }, action.label);
    button.addEventListener("click", action.run);
    box.append(button);
  }
  return box;
}

/** Title and detail of whatever was thrown, in words for the reader. */
export function explain(error: unknown): { title: string; detail: string } {
  if (error instanceof ApiError) return { title: error.problem.title, detail: error.problem.detail };
  return { title: "Something went wrong in this page", detail: error instanceof Error ? error.message : String(error) };
}

/** The same in one line. */
export function explainShortly(error: unknown): string {
  const { title, detail } = explain(error);
  return [title, detail]
    .filter((part) => part !== "")
    .map((part) => (/[.!?…]$/.test(part) ? part : `${part}.`))
    .join(" ");
}

export function failure(error: unknown, retry: () => void): HTMLElement {
  return notice({ ...explain(error), action: { label: "Try again", run: retry } }, "alert");
}
