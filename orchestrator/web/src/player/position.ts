import { sessionEnds } from "../session";

const everyMs = 10_000;

/** Decides when a position is worth telling: now and then while it moves, and at every stop if it moved at all. */
export class Position {
  private at: number;

  constructor(
    private told: number,
    private toldAt: number,
    private readonly tell: (seconds: number) => void,
  ) {
    this.told = Math.floor(told);
    this.at = this.told;
  }

  moved(seconds: number, now: number): void {
    this.at = Math.floor(seconds);
    if (now - this.toldAt >= everyMs) this.stopped(now);
  }

  stopped(now: number): void {
    if (this.at === this.told) return;
    this.told = this.at;
    this.toldAt = now;
    this.tell(this.at);
  }
}

/** Tells where `video`, which begins at `from` seconds, is being watched, until `signal` aborts. */
export function keepPosition(video: HTMLVideoElement, from: number, tell: (seconds: number) => void, signal: AbortSignal): void {
  const position = new Position(from, performance.now(), tell);
  const stopped = () => position.stopped(performance.now());
  video.addEventListener(
    "timeupdate",
    () => {
      // On the way to its place, and while an engine goes and the next comes, the clock shows something else.
      const here = video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA && !video.seeking;
      if (here) position.moved(video.currentTime, performance.now());
    },
    { signal },
  );
  video.addEventListener("pause", stopped, { signal });
  document.addEventListener("visibilitychange", () => document.hidden && stopped(), { signal });
  window.addEventListener("pagehide", stopped, { signal });
  document.addEventListener(sessionEnds, stopped, { signal });
  signal.addEventListener("abort", stopped, { once: true });
}
