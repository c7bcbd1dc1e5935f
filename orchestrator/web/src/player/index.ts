import type { Problem } from "../api";
import { el } from "../dom";
import { controls, forwardKeys } from "./controls";
import { DirectEngine } from "./direct";
import type { Engine, Listener } from "./engine";
import { type PlayerHook, recordError } from "./hook";
import { keepPosition } from "./position";
import { resumeBar } from "./resume-bar";
import { Settings } from "./settings";

export { deviceHints } from "./abilities";
export { boothBar } from "./booth-bar";

export interface Film {
  /** Master playlist, reached with the session's cookie; null when there is only the file. */
  hls: string | null;
  /** Master playlist of the version that every browser plays; null when none is made. */
  converted: string | null;
  /** The file itself, when a browser can play its format. */
  original: string | null;
  originalType: string | null;
  /** Start with the file itself. */
  preferOriginal: boolean;
  /** Lines of the picture that the daemon thinks right for this device; null: no opinion. */
  suggestedHeight: number | null;
  /** WebVTT maps of small pictures over the time bar, and of chapters; null: there are none. */
  previews: string | null;
  chapters: string | null;
  /** Seconds; where to begin. */
  startAt: number;
  /** Told where the viewer is, every now and then and at every stop. */
  onPosition: (seconds: number) => void;
  /** Offered where this browser cannot play the film; null: there is nothing to do about it. */
  remedy: { label: string; run: () => void } | null;
}

/** Puts a player for `film` into `host` and starts it where the browser allows that; it lives until `signal` aborts.
 *  `onSessionOver` is called when the daemon no longer knows the session. */
export function play(host: HTMLElement, film: Film, onSessionOver: () => void, signal: AbortSignal): void {
  new Player(film, onSessionOver, signal).mount(host);
}

type Way = "hls" | "converted" | "original";

class Player implements Listener {
  private readonly video = el("video", { slot: "media", playsinline: true, preload: "auto" });
  private readonly message = el("div", { class: "message", role: "status", hidden: true });
  private readonly hook: PlayerHook = { engine: "", video: this.video, errors: [], failures: 0 };
  private readonly settings: Settings;
  private engine: Engine | null = null;
  private ways: Way[] = [];
  private lacking = false;
  /** Seconds; where the next engine goes on. */
  private position: number;

  constructor(
    private readonly film: Film,
    private readonly onSessionOver: () => void,
    private readonly signal: AbortSignal,
  ) {
    this.settings = new Settings(signal);
    this.position = film.startAt;
  }

  mount(host: HTMLElement): void {
    const controller = controls(this.video, this.message, this.settings);
    host.append(controller);
    if (this.position > 0) host.after(resumeBar(this.video, this.position, () => (this.position = 0), this.signal));
    keepPosition(this.video, this.position, this.film.onPosition, this.signal);
    forwardKeys(controller, this.signal);
    for (const name of ["waiting", "stalled", "seeking", "playing", "canplay"]) {
      this.video.addEventListener(name, () => this.showWaiting(), { signal: this.signal });
    }
    window.carrelPlayer = this.hook;
    this.signal.addEventListener("abort", () => {
      this.engine?.stop();
      if (window.carrelPlayer === this.hook) delete window.carrelPlayer;
    });
    controller.focus({ preventScroll: true });
    this.begin();
  }

  renewing(): void {
    this.lacking = true;
    this.showWaiting();
  }

  flowing(): void {
    this.lacking = false;
    this.showWaiting();
  }

  sessionOver(): void {
    this.onSessionOver();
  }

  failed(problem: Problem, unsupported: boolean): void {
    this.position = this.video.currentTime || this.position;
    this.engine?.stop();
    this.engine = null;
    if (unsupported && this.ways.length > 0) {
      void this.startNext();
      return;
    }
    this.hook.failures += 1;
    this.lacking = false;
    this.message.replaceChildren(el("strong", {}, problem.title), el("span", {}, problem.detail));
    const { remedy } = this.film;
    if (unsupported && remedy !== null) this.offer(remedy.label, remedy.run);
    this.offer("Try again", () => this.begin());
    this.message.hidden = false;
  }

  choicesChanged(): void {
    this.settings.show(this.engine?.choices() ?? []);
  }

  error(kind: string, detail: string, fatal: boolean): void {
    recordError(this.hook, kind, detail, fatal);
  }

  private offer(label: string, run: () => void): void {
    const button = el("button", { type: "button", class: "button" }, label);
    button.addEventListener("click", run);
    this.message.append(button);
  }

  private begin(): void {
    this.message.hidden = true;
    this.ways = this.film.preferOriginal ? ["original", "hls", "converted"] : ["hls", "converted", "original"];
    void this.startNext();
  }

  private async startNext(): Promise<void> {
    const way = this.ways.shift();
    const engine = way === undefined ? null : await this.open(way);
    if (this.signal.aborted) {
      engine?.stop();
      return;
    }
    if (engine === null) {
      if (this.ways.length > 0) return this.startNext();
      this.failed(
        { title: "This browser cannot play the film", status: 0, detail: "Copy the link and open it in VLC or mpv." },
        true,
      );
      return;
    }
    this.engine = engine;
    this.hook.engine = engine.name;
    this.choicesChanged();
    this.video.addEventListener("loadedmetadata", () => this.addCompanions(), { once: true, signal: this.signal });
    if (this.position > 0) {
      this.video.addEventListener("loadedmetadata", () => (this.video.currentTime = this.position), {
        once: true,
        signal: this.signal,
      });
    }
    // Browsers refuse to start by themselves when the page was not clicked yet; the play button is there.
    void this.video.play().catch(() => undefined);
  }

  private async open(way: Way): Promise<Engine | null> {
    if (way === "original") {
      const type = this.film.originalType;
      if (this.film.original === null || (type && !this.canPlay(type))) return null;
      return new DirectEngine("original", this.video, this.film.original, this);
    }
    const url = this.film[way];
    if (url === null) return null;
    // Loaded here, not with the page: it is larger than everything else together.
    const hls = await import("./hls").catch(() => null);
    if (this.signal.aborted) return null;
    // Chromium answers "maybe" to native HLS and then fails: Media Source Extensions come first.
    if (hls?.supported()) {
      return new hls.HlsEngine(this.video, url, this, this.film.suggestedHeight, this.position);
    }
    if (this.canPlay("application/vnd.apple.mpegurl")) return new DirectEngine("hls", this.video, url, this);
    return null;
  }

  /** Only now: hls.js empties every text track that is there when it opens a film. */
  private addCompanions(): void {
    if (this.video.querySelector("track[data-companion]") !== null) return;
    const add = (kind: string, label: string, src: string | null) => {
      if (src !== null) this.video.append(el("track", { kind, label, src, default: true, "data-companion": true }));
    };
    add("chapters", "Chapters", this.film.chapters);
    // Asked for by who looks for a place: making them costs the server more than playing does.
    const seek = this.video.closest("media-controller")?.querySelector(".seek");
    const show = () => add("metadata", "thumbnails", this.film.previews);
    const wanted = new AbortController();
    this.signal.addEventListener("abort", () => wanted.abort());
    for (const name of ["pointerenter", "focusin"]) {
      seek?.addEventListener(name, () => (wanted.abort(), show()), { signal: wanted.signal });
    }
  }

  private canPlay(type: string): boolean {
    // Chromium plays H.264 in Matroska but does not say so; the file is then tried.
    return this.video.canPlayType(type) !== "" || /^video\/(x-)?matroska/.test(type);
  }

  /** The words come up only when the picture stands still: a refill behind a full buffer is nobody's concern. */
  private showWaiting(): void {
    if (this.engine === null) return;
    const stands = this.lacking && this.video.readyState < HTMLMediaElement.HAVE_FUTURE_DATA;
    if (stands && this.message.hidden) this.message.replaceChildren(el("strong", {}, "Your booth is being renewed…"));
    this.message.hidden = !stands;
  }
}
