import Hls, { ErrorDetails, ErrorTypes, Events, type ErrorData, type HlsConfig } from "hls.js";

import { ApiError, errorOf, parseRetryAfter } from "../api/client";
import { Backoff } from "./backoff";
import type { Choice } from "./choices";
import { type Engine, isFinal, type Listener } from "./engine";
import { HlsChoices } from "./hls-choices";

export const supported = () => Hls.isSupported();

/** Two decoder failures within this time mean that a third try will not help either. */
const mediaErrorWindowMs = 10_000;

/** Composition delay puts the first picture a few frames after zero; hls.js steps over that and reports it. */
const startGapSeconds = 0.25;

/** Asking again would bring the same answer. */
const unsupportedDetails = new Set<string>([
  ErrorDetails.MANIFEST_PARSING_ERROR,
  ErrorDetails.MANIFEST_INCOMPATIBLE_CODECS_ERROR,
  ErrorDetails.BUFFER_ADD_CODEC_ERROR,
  ErrorDetails.BUFFER_INCOMPATIBLE_CODECS_ERROR,
]);

function settings(startPosition: number): Partial<HlsConfig> {
  const retry = { maxNumRetry: 3, retryDelayMs: 500, maxRetryDelayMs: 4000 };
  const policy = {
    default: { maxTimeToFirstByteMs: 20_000, maxLoadTimeMs: 60_000, timeoutRetry: retry, errorRetry: retry },
  };
  return {
    startPosition: startPosition > 0 ? startPosition : -1,
    maxBufferLength: 30,
    maxMaxBufferLength: 60,
    backBufferLength: 60,
    manifestLoadPolicy: policy,
    playlistLoadPolicy: policy,
    fragLoadPolicy: policy,
  };
}

/** Plays an HLS master playlist through Media Source Extensions (hls.js). */
export class HlsEngine implements Engine {
  readonly name = "hls.js";
  private readonly hls: Hls;
  private readonly backoff = new Backoff();
  private readonly chooser: HlsChoices;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private mediaErrors: number[] = [];
  private parsed = false;
  private stopped = false;

  constructor(
    private readonly video: HTMLVideoElement,
    private readonly url: string,
    private readonly listener: Listener,
    suggestedHeight: number | null,
    startPosition: number,
  ) {
    this.hls = new Hls(settings(startPosition));
    this.chooser = new HlsChoices(this.hls, () => this.listener.choicesChanged(), undefined, suggestedHeight);
    this.hls.on(Events.MANIFEST_PARSED, () => {
      this.parsed = true;
    });
    this.hls.on(Events.LEVEL_LOADED, () => this.listener.flowing());
    this.hls.on(Events.FRAG_BUFFERED, () => {
      this.backoff.reset();
      this.listener.flowing();
    });
    this.hls.on(Events.ERROR, (_event, data) => this.onError(data));
    this.hls.attachMedia(video);
    this.hls.loadSource(url);
  }

  choices(): Choice[] {
    return this.chooser.all();
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
    this.hls.destroy();
  }

  private onError(data: ErrorData): void {
    // Its own doing: another track was chosen while one was loading.
    if (data.details === ErrorDetails.INTERNAL_ABORTED) return;
    const { buffered, currentTime } = this.video;
    const beforeAll = buffered.length > 0 && currentTime < buffered.start(0);
    const overHole =
      data.details === ErrorDetails.BUFFER_SEEK_OVER_HOLE || (data.details === ErrorDetails.BUFFER_STALLED_ERROR && beforeAll);
    if (overHole && currentTime < startGapSeconds) return;
    this.listener.error(data.type, `${data.details}: ${data.error.message}`, data.fatal);
    if (data.fatal && unsupportedDetails.has(data.details)) {
      this.giveUp("This browser cannot play the film", `The player said: ${data.details}.`, true);
    } else if (data.type === ErrorTypes.NETWORK_ERROR) {
      this.listener.renewing();
      if (data.fatal) void this.afterNetworkError(data);
    } else if (!data.fatal) {
      return;
    } else if (data.type === ErrorTypes.MEDIA_ERROR) {
      this.afterMediaError(data);
    } else {
      this.giveUp("The film cannot be played", `The player said: ${data.details}.`, true);
    }
  }

  private async afterNetworkError(data: ErrorData): Promise<void> {
    const status = data.response?.code ?? 0;
    if (status === 401) {
      this.listener.sessionOver();
      return;
    }
    if (isFinal(status)) {
      const error = await explanation(data.url ?? this.url, status);
      if (!this.stopped) this.listener.failed(error.problem, false);
      return;
    }
    const wait = this.backoff.next(retryAfterOf(data.networkDetails));
    if (wait === null) {
      this.giveUp("The film does not arrive", "Carrel was asked for a minute without success. Check the network.", false);
      return;
    }
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      if (this.parsed) this.hls.startLoad();
      else this.hls.loadSource(this.url);
    }, wait);
  }

  private afterMediaError(data: ErrorData): void {
    const now = performance.now();
    this.mediaErrors = this.mediaErrors.filter((time) => now - time < mediaErrorWindowMs);
    this.mediaErrors.push(now);
    if (this.mediaErrors.length > 2) {
      this.giveUp("The film cannot be decoded", `The player said: ${data.details}.`, true);
      return;
    }
    const wasPlaying = !this.video.paused;
    this.hls.recoverMediaError();
    if (wasPlaying) void this.video.play().catch(() => undefined);
  }

  private giveUp(title: string, detail: string, unsupported: boolean): void {
    this.listener.failed({ title, status: 0, detail }, unsupported);
  }
}

function retryAfterOf(details: unknown): number | null {
  return details instanceof XMLHttpRequest ? parseRetryAfter(details.getResponseHeader("Retry-After")) : null;
}

/** hls.js keeps no body of a failed answer, so the same is asked once more for the daemon's own words. */
async function explanation(url: string, status: number): Promise<ApiError> {
  try {
    const response = await fetch(url, { headers: { Accept: "application/problem+json" }, cache: "no-store" });
    if (!response.ok) return await errorOf(response);
    await response.body?.cancel();
  } catch {
    // The status alone has to do.
  }
  return new ApiError({ title: "The film was refused", status, detail: `Carrel answered with status ${status}.` });
}
