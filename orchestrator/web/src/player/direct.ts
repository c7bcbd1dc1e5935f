import { ApiError, errorOf } from "../api/client";
import { Backoff } from "./backoff";
import type { Choice } from "./choices";
import { type Engine, isFinal, type Listener } from "./engine";

/** Lets the browser itself play a URL: the original file over range requests, or HLS where it is built in. */
export class DirectEngine implements Engine {
  private readonly backoff = new Backoff();
  private readonly control = new AbortController();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private resumeAt: number | null = null;
  private wantsPlay = false;

  constructor(
    readonly name: "hls" | "original",
    private readonly video: HTMLVideoElement,
    private readonly url: string,
    private readonly listener: Listener,
  ) {
    const signal = this.control.signal;
    video.addEventListener("error", () => void this.onError(), { signal });
    video.addEventListener("loadedmetadata", () => this.resume(), { signal });
    video.addEventListener("playing", () => this.onData(), { signal });
    video.addEventListener("canplay", () => this.onData(), { signal });
    video.src = url;
  }

  choices(): Choice[] {
    return [];
  }

  stop(): void {
    this.control.abort();
    clearTimeout(this.timer);
    this.video.removeAttribute("src");
    this.video.load();
  }

  private onData(): void {
    this.backoff.reset();
    this.listener.flowing();
  }

  private async onError(): Promise<void> {
    const error = this.video.error;
    if (error === null) return;
    const broken = error.code === MediaError.MEDIA_ERR_DECODE;
    this.listener.error("directError", `code ${error.code}: ${error.message}`, broken);
    // A second error while waiting must not forget where the film stood.
    if (this.resumeAt === null) {
      this.resumeAt = this.video.currentTime;
      this.wantsPlay = !this.video.paused;
    }
    if (broken) {
      this.giveUp("The film cannot be decoded", "The browser could not decode a part of the film.");
      return;
    }
    // "Not supported" is also what a browser says of a refused or broken answer: only asking tells them apart.
    this.listener.renewing();
    const refusal = await this.probe();
    if (this.control.signal.aborted) return;
    if (refusal === null && error.code === MediaError.MEDIA_ERR_SRC_NOT_SUPPORTED) {
      this.giveUp("This browser cannot play the film", "Copy the link and open it in VLC or mpv.");
    } else if (refusal?.status === 401) {
      this.listener.sessionOver();
    } else if (refusal !== null && isFinal(refusal.status)) {
      this.listener.failed(refusal.problem, false);
    } else {
      this.tryAgain(refusal);
    }
  }

  private tryAgain(refusal: ApiError | null): void {
    const wait = this.backoff.next(refusal?.retryAfter);
    if (wait === null) {
      this.listener.failed(
        { title: "The film does not arrive", status: 0, detail: "Carrel was asked for a minute without success. Check the network." },
        false,
      );
      return;
    }
    this.timer = setTimeout(() => {
      this.video.src = this.url;
      this.video.load();
    }, wait);
  }

  private resume(): void {
    if (this.resumeAt === null) return;
    this.video.currentTime = this.resumeAt;
    this.resumeAt = null;
    if (this.wantsPlay) void this.video.play().catch(() => undefined);
  }

  /** Asks for one byte; null when the daemon would answer. */
  private async probe(): Promise<ApiError | null> {
    try {
      const response = await fetch(this.url, {
        headers: { Range: "bytes=0-0" },
        cache: "no-store",
        signal: this.control.signal,
      });
      if (!response.ok) return await errorOf(response);
      await response.body?.cancel();
      return null;
    } catch {
      return new ApiError({ title: "Carrel does not answer", status: 0, detail: "" });
    }
  }

  private giveUp(title: string, detail: string): void {
    this.listener.failed({ title, status: 0, detail }, true);
  }
}
