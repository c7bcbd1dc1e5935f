import { el, icon } from "../dom";
import type { Choice, Subject } from "./choices";

const gear =
  "M19.4 13a7.6 7.6 0 0 0 0-2l2-1.6-2-3.4-2.4 1a7.4 7.4 0 0 0-1.7-1L15 3.5h-4l-.4 2.5a7.4 7.4 0 0 0-1.7 1l-2.4-1-2 3.4 2 1.6a7.6 7.6 0 0 0 0 2l-2 1.6 2 3.4 2.4-1a7.4 7.4 0 0 0 1.7 1l.4 2.5h4l.4-2.5a7.4 7.4 0 0 0 1.7-1l2.4 1 2-3.4zM13 15a3 3 0 1 1 0-6 3 3 0 0 1 0 6z";

const titles: Record<Subject, string> = { quality: "Quality", sound: "Sound", subtitles: "Subtitles" };

/** A button with a panel of what can be chosen; hidden while there is nothing. */
export class Settings {
  readonly button = el("button", {
    type: "button", class: "settings-button", "aria-label": "Settings", "aria-expanded": "false", hidden: true,
  });
  readonly panel = el("div", { class: "settings", role: "dialog", "aria-label": "Settings", hidden: true });

  constructor(signal: AbortSignal) {
    this.button.append(icon(gear));
    this.button.addEventListener("click", () => this.open(this.panel.hidden));
    // The player's own keys must not act while somebody walks through the options.
    this.panel.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (event.key === "Escape") this.open(false);
    });
    this.panel.addEventListener("keyup", (event) => event.stopPropagation());
    document.addEventListener(
      "pointerdown",
      (event) => {
        const path = event.composedPath();
        if (!this.panel.hidden && !path.includes(this.panel) && !path.includes(this.button)) this.open(false);
      },
      { signal },
    );
  }

  show(choices: readonly Choice[]): void {
    const worth = choices.filter((choice) => choice.options.length > 1);
    this.button.hidden = worth.length === 0;
    if (this.button.hidden) this.open(false);
    const focused = this.panel.contains(document.activeElement) ? (document.activeElement as HTMLInputElement).id : null;
    this.panel.replaceChildren(...worth.map(group));
    if (focused) this.panel.querySelector<HTMLElement>(`#${CSS.escape(focused)}`)?.focus();
  }

  private open(wanted: boolean): void {
    if (wanted === !this.panel.hidden) return;
    this.panel.hidden = !wanted;
    this.button.setAttribute("aria-expanded", String(wanted));
    if (wanted) this.panel.querySelector<HTMLElement>("input:checked")?.focus();
    else this.button.focus({ preventScroll: true });
  }
}

function group(choice: Choice): HTMLElement {
  const set = el("fieldset", { class: "choice", "data-subject": choice.subject }, el("legend", {}, titles[choice.subject]));
  choice.options.forEach((option, position) => {
    const id = `choice-${choice.subject}-${position}`;
    const input = el("input", { type: "radio", name: `choice-${choice.subject}`, id });
    input.checked = position === choice.chosen;
    input.addEventListener("change", () => choice.choose(position));
    set.append(el("label", { for: id }, input, el("span", {}, option.label)));
  });
  return set;
}
