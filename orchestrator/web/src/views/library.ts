import * as api from "../api";
import { el } from "../dom";
import { beingIndexed, card } from "../parts/card";
import { frame } from "../parts/frame";
import { failure, notice } from "../parts/notice";
import { skeletonCards } from "../parts/skeleton";
import { endsSession, requireUser } from "../session";

const pollMs = 3_000;
/** A minute: films that are being copied are found a few at a time. */
const calmLooks = 20;

export function libraryView(outlet: HTMLElement, _parameter: string, signal: AbortSignal): void {
  document.title = "Library – Carrel";
  void open(outlet, signal);
}

async function open(outlet: HTMLElement, signal: AbortSignal): Promise<void> {
  outlet.replaceChildren();
  try {
    const user = await requireUser(signal);
    if (user === null || signal.aborted) return;
    new Library(frame(outlet, user), signal).start();
  } catch (error) {
    if (!signal.aborted) outlet.replaceChildren(failure(error, () => void open(outlet, signal)));
  }
}

class Library {
  private readonly grid = el("ul", { class: "grid" });
  private readonly note = el("div", { class: "note" });
  private readonly count = el("p", { class: "count", role: "status" });
  private readonly more = el("button", { type: "button", class: "button more", hidden: true }, "Show more");
  private readonly cards = new Map<string, { json: string; element: HTMLElement }>();
  private readonly empty = notice({
    title: "No films yet",
    detail:
      "Put films into a folder of CARREL_LIBRARY_PATHS on the server. " +
      "Carrel looks for new files by itself; they appear here when they are found.",
    action: { label: "Look again", run: () => void this.refresh() },
  });
  private pages = 1;
  private loading = false;
  /** Something on the page may be about to change: a film is being indexed, or they still come, or none is found yet. */
  private busy = true;
  private seen = "";
  /** Looks since something last changed. */
  private calm = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly main: HTMLElement,
    private readonly signal: AbortSignal,
  ) {}

  start(): void {
    const ghosts = skeletonCards(8);
    this.main.append(el("div", { class: "head" }, el("h1", {}, "Library"), this.count), this.note, ghosts);
    this.more.addEventListener("click", () => {
      this.pages += 1;
      void this.refresh();
    });
    document.addEventListener("visibilitychange", () => document.hidden || void this.refresh(), {
      signal: this.signal,
    });
    this.signal.addEventListener("abort", () => clearTimeout(this.timer), { once: true });
    void this.refresh().then(() => {
      ghosts.remove();
      this.main.append(this.grid, this.more);
    });
  }

  /** Reads every page that is shown again: the list is short and a film may have moved. */
  private async refresh(): Promise<void> {
    if (this.loading) return;
    this.loading = true;
    clearTimeout(this.timer);
    try {
      const items: api.Video[] = [];
      let next: string | null = null;
      for (let page = 0; page < this.pages; page++) {
        const read: api.VideoPage = await api.videos(next, this.signal);
        items.push(...read.items);
        next = read.next;
        if (next === null) break;
      }
      this.show(items, next !== null);
      const seen = items.map((video) => video.id + video.state).join();
      this.calm = seen === this.seen ? this.calm + 1 : 0;
      this.seen = seen;
      this.busy = items.length === 0 || items.some(beingIndexed) || this.calm < calmLooks;
    } catch (error) {
      if (this.signal.aborted || endsSession(error)) return;
      this.busy = false;
      this.note.replaceChildren(failure(error, () => void this.refresh()));
    } finally {
      this.loading = false;
    }
    // A hidden page asks again when it is looked at. A quiet one does not ask by itself: that would keep its session from ending.
    if (this.busy && !document.hidden) this.timer = setTimeout(() => void this.refresh(), pollMs);
  }

  private show(items: api.Video[], more: boolean): void {
    this.more.hidden = !more;
    this.count.textContent = items.length === 0 ? "" : `${items.length}${more ? "+" : ""} film${items.length === 1 ? "" : "s"}`;
    // What stays is not made anew, for the focus may be in it.
    if (items.length > 0) this.note.replaceChildren();
    else if (this.note.firstElementChild !== this.empty) this.note.replaceChildren(this.empty);
    const gone = new Set(this.cards.keys());
    items.forEach((video, place) => {
      gone.delete(video.id);
      const element = this.cardOf(video);
      if (this.grid.children[place] !== element) this.grid.insertBefore(element, this.grid.children[place] ?? null);
    });
    for (const id of gone) {
      this.cards.get(id)?.element.remove();
      this.cards.delete(id);
    }
  }

  /** The card on the page when nothing changed, so that focus and scrolling survive a refresh. */
  private cardOf(video: api.Video): HTMLElement {
    const json = JSON.stringify(video);
    const known = this.cards.get(video.id);
    if (known?.json === json) return known.element;
    const element = card(video);
    known?.element.replaceWith(element);
    this.cards.set(video.id, { json, element });
    return element;
  }

}
