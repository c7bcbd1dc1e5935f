import { outside } from "../base";
import * as api from "../api";
import { el } from "../dom";
import * as format from "../format";
import { beingIndexed } from "../parts/card";
import { copyLink } from "../parts/copy-link";
import { frame } from "../parts/frame";
import { failure, notice } from "../parts/notice";
import { pictureSubtitles } from "../parts/picture-subtitles";
import { navigate } from "../router";
import { endsSession, requireUser } from "../session";

const pollMs = 3000;

export function watchView(outlet: HTMLElement, id: string, signal: AbortSignal): void {
  document.title = "Carrel";
  void open(outlet, id, signal);
}

async function open(outlet: HTMLElement, id: string, signal: AbortSignal): Promise<void> {
  outlet.replaceChildren();
  let main = outlet;
  try {
    const user = await requireUser(signal);
    if (user === null || signal.aborted) return;
    main = frame(outlet, user);
    main.className = "watch";
    main.append(el("div", { class: "stage ghost" }));
    await show(main, id, signal);
  } catch (error) {
    if (signal.aborted || endsSession(error)) return;
    main.replaceChildren(backLink(), failure(error, () => void open(outlet, id, signal)));
  }
}

/** `lacking`: this browser could not play the film as it is. */
async function show(main: HTMLElement, id: string, signal: AbortSignal, lacking = false): Promise<void> {
  const video = await api.video(id, signal);
  document.title = `${video.title} – Carrel`;
  if (beingIndexed(video) && !video.playable) {
    main.replaceChildren(backLink(), el("h1", {}, video.title), indexing());
    lookAgain(main, id, signal);
    return;
  }
  // The player is half of the page's code, and nobody needs it to log in.
  const { boothBar, deviceHints, play } = await import("../player");
  const hints = deviceHints();
  const stream = await api.stream(id, signal, hints);
  const converted = stream.qualities.find((quality) => quality.id === forAll)?.url;
  const waits = video.playable ? lacking && !converted : !(stream.original_playable && wantsOriginal());
  if (waits) {
    main.replaceChildren(backLink(), el("h1", {}, video.title), notPlayable(main, video, stream, signal));
    if (versions(video, stream).some(comes)) lookAgain(main, id, signal, lacking);
    return;
  }
  signal.throwIfAborted();
  const playing = until(signal);
  const stage = el("div", { class: "stage" });
  if (video.width && video.height) stage.style.setProperty("--ratio", `${video.width} / ${video.height}`);
  main.replaceChildren(backLink(), stage, boothBar(playing.signal), about(video, stream));
  play(
    stage,
    {
      hls: stream.stream_url === null ? null : playlist(stream.stream_url, hints),
      converted: converted ? playlist(converted, hints, forAll) : null,
      original: stream.original_playable ? withoutToken(stream.original_url) : null,
      originalType: stream.mime_type,
      preferOriginal: wantsOriginal(),
      suggestedHeight: stream.qualities.find((quality) => quality.id === stream.default_quality)?.height ?? null,
      previews: stream.sprites_url ? withoutToken(stream.sprites_url) : null,
      startAt: video.position_seconds ? video.position_seconds + withinSecond : 0,
      onPosition: (seconds) => api.keepPosition(video.id, seconds),
      chapters: stream.chapters_url ? withoutToken(stream.chapters_url).replace(/\.json$/, ".vtt") : null,
      remedy: versions(video, stream).some(toBeMade)
        ? {
            label: convertLabel,
            run: () => {
              if (playing.signal.aborted) return;
              playing.abort();
              convert(main, id, signal, true);
            },
          }
        : null,
    },
    () => void endsSession(new api.ApiError({ title: "Logged out", status: 401, detail: "" })),
    playing.signal,
  );
}

/** This page has the session's cookie; a token in its requests would only end up in logs. */
function withoutToken(url: string): string {
  return new URL(url, location.origin).pathname;
}

function playlist(url: string, hints: URLSearchParams, quality?: string): string {
  const query = new URLSearchParams(quality ? { quality } : {});
  const codecs = hints.get("codecs");
  if (codecs) query.set("caps", codecs);
  return `${withoutToken(url)}?${query}`;
}

/** A position is told to the second. Where segments meet, mostly at whole or half seconds, the first picture comes a few frames
 *  after the place in the playlist, and a player that begins right there stands still for a moment. */
const withinSecond = 0.3;

const wantsOriginal = () => new URLSearchParams(location.search).get("source") === "original";

function backLink(): HTMLElement {
  return el("a", { class: "back", href: outside("/") }, "‹ Library");
}

function about(video: api.Video, stream: api.Stream): HTMLElement {
  const actions = el("div", { class: "actions" }, copyLink(video.id, stream));
  if (stream.original_playable && stream.stream_url !== null) {
    const href = wantsOriginal() ? `/watch/${video.id}` : originalPath(video);
    const label = wantsOriginal() ? "Play over HLS" : "Play the original file";
    actions.append(el("a", { class: "button quiet", href: outside(href) }, label));
  }
  const about = el("div", { class: "about" }, el("h1", {}, video.title), el("p", { class: "facts" }, facts(video)), actions);
  const pictures = pictureSubtitles(stream.subtitles ?? []);
  if (pictures !== null) {
    about.append(el("p", { class: "facts" }, pictures));
    actions.append(copyLink(video.id, stream, "Copy link to the file", ({ original_url }) => original_url));
  }
  about.append(...findings(video));
  return about;
}

/** What the index says is wrong with the file; nothing where there is nothing. */
function findings(video: api.Video): HTMLElement[] {
  const found = video.findings ?? [];
  if (found.length === 0) return [];
  const list = el("ul", {}, ...found.map((finding) => el("li", {}, finding)));
  return [el("details", { class: "findings", open: true }, el("summary", {}, "What is odd about this file"), list)];
}

function facts(video: api.Video): string {
  const codecs = video.tracks
    .filter((track) => track.kind === "video" || track.kind === "audio")
    .map((track) => format.codec(track.codec));
  return [
    video.duration_seconds ? format.duration(video.duration_seconds) : null,
    video.width && video.height ? `${video.width} × ${video.height}` : null,
    video.container ? format.container(video.container) : null,
    [...new Set(codecs)].join(" + ") || null,
    format.bytes(video.size_bytes),
  ]
    .filter((fact) => fact !== null)
    .join(" · ");
}

const originalPath = (video: api.Video) => `/watch/${video.id}?source=original`;

function indexing(): HTMLElement {
  return notice({
    title: "This film is being indexed",
    detail: "Carrel reads through every new film once. This page starts the player by itself when that is done.",
  });
}

/** It is being made, or waits for its turn. */
const comes = (quality: api.Quality) => quality.state === "making" || quality.state === "waiting";
const toBeMade = (quality: api.Quality) => quality.state === "possible" || quality.state === "failed";

/** The version that every browser plays. */
const forAll = "play";
const convertLabel = "Convert it now";

/** Those of a film's qualities that are to make it play. */
const versions = (video: api.Video, stream: api.Stream) =>
  stream.qualities.filter((quality) => !video.playable || quality.id === forAll);

function notPlayable(main: HTMLElement, video: api.Video, stream: api.Stream, signal: AbortSignal): HTMLElement {
  const coming = versions(video, stream).find(comes);
  const whose = video.playable ? "This browser does not play" : "No browser plays";
  if (coming) return converting(coming, whose);
  const why = video.playable ? `${whose} its picture as it is.` : "The daemon's log says why.";
  const box = notice({ title: "This film does not play yet", detail: video.reason || why });
  const button = (label: string, run: () => void) => {
    const element = el("button", { type: "button", class: "button" }, label);
    element.addEventListener("click", run, { once: true });
    box.append(element);
  };
  if (versions(video, stream).some(toBeMade)) button(convertLabel, () => convert(main, video.id, signal, video.playable));
  if (stream.original_playable) button("Try the original file", () => navigate(originalPath(video)));
  return box;
}

function converting(quality: api.Quality, whose: string): HTMLElement {
  const waits = quality.state === "waiting";
  const box = notice({
    title: waits ? "This film waits to be converted" : "This film is being converted",
    detail:
      `${whose} its picture as it is, so Carrel makes a version that every browser plays. ` +
      "This page starts the player by itself when that is done.",
  });
  const share = quality.progress ?? 0;
  box.append(
    el("progress", { max: "1", value: waits ? undefined : String(share), "aria-label": "Converted so far" }),
    el("p", { class: "facts" }, waits ? "Waiting for its turn" : `${Math.floor(share * 100)} %`),
  );
  return box;
}

function convert(main: HTMLElement, id: string, signal: AbortSignal, lacking: boolean): void {
  const asked = api.convert(id, signal).then(() => show(main, id, signal, lacking));
  orSay(main, asked, () => look(main, id, signal, lacking), signal);
}

function lookAgain(main: HTMLElement, id: string, signal: AbortSignal, lacking = false): void {
  const timer = setTimeout(() => look(main, id, signal, lacking), pollMs);
  signal.addEventListener("abort", () => clearTimeout(timer), { once: true });
}

function look(main: HTMLElement, id: string, signal: AbortSignal, lacking: boolean): void {
  orSay(main, show(main, id, signal, lacking), () => look(main, id, signal, lacking), signal);
}

/** Says in the place of everything why `work` failed, and offers to try `again`. */
function orSay(main: HTMLElement, work: Promise<void>, again: () => void, signal: AbortSignal): void {
  work.catch((error: unknown) => {
    if (signal.aborted || endsSession(error)) return;
    main.replaceChildren(backLink(), failure(error, again));
  });
}

/** Can be aborted by itself, and is when `signal` is. */
function until(signal: AbortSignal): AbortController {
  const control = new AbortController();
  signal.addEventListener("abort", () => control.abort(), { once: true });
  return control;
}
