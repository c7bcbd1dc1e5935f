import Hls, { Events } from "hls.js";

import { type Choice, keyOf, levelFor, levelLabels, type Option, optionFor, Preferences } from "./choices";

const automatic: Option = { key: "auto", label: "Automatic" };
const none: Option = { key: "off", label: "Off" };

/** Quality, sound and subtitles of a film in hls.js; applies what the viewer chose before. */
export class HlsChoices {
  constructor(
    private readonly hls: Hls,
    private readonly changed: () => void,
    private readonly preferences = new Preferences(),
    /** Lines of the picture that suit this device; null: hls.js finds out by itself. */
    private readonly suggestedHeight: number | null = null,
  ) {
    hls.on(Events.MANIFEST_PARSED, () => this.applyQuality());
    hls.on(Events.AUDIO_TRACKS_UPDATED, () => this.applySound());
    hls.on(Events.SUBTITLE_TRACKS_UPDATED, () => this.applySubtitles());
    for (const event of [Events.LEVEL_SWITCHED, Events.AUDIO_TRACK_SWITCHED, Events.SUBTITLE_TRACK_SWITCH] as const) {
      hls.on(event, () => this.changed());
    }
  }

  all(): Choice[] {
    return [this.quality(), this.sound(), this.subtitles()];
  }

  private quality(): Choice {
    const { hls } = this;
    const order = hls.levels.map((_, i) => i).sort((a, b) => hls.levels[b]!.bitrate - hls.levels[a]!.bitrate);
    const labels = levelLabels(hls.levels);
    const now = hls.levels[hls.currentLevel];
    const suffix = hls.autoLevelEnabled && now && now.height > 0 ? ` (${now.height}p)` : "";
    const options = [
      { ...automatic, label: automatic.label + suffix },
      ...order.map((level) => ({ key: String(hls.levels[level]!.height), label: labels[level]! })),
    ];
    return {
      subject: "quality",
      // One quality is no choice.
      options: hls.levels.length > 1 ? options : [],
      chosen: hls.autoLevelEnabled ? 0 : order.indexOf(hls.loadLevel) + 1,
      choose: (position) => {
        this.preferences.set("quality", options[position]!.key);
        hls.nextLevel = position === 0 ? -1 : order[position - 1]!;
        this.changed();
      },
    };
  }

  private sound(): Choice {
    const { hls } = this;
    const options = hls.audioTracks.map((track) => ({ key: keyOf(track), label: track.name }));
    return {
      subject: "sound",
      options,
      chosen: hls.audioTrack,
      choose: (position) => {
        this.preferences.set("sound", options[position]!.key);
        hls.audioTrack = position;
        this.changed();
      },
    };
  }

  private subtitles(): Choice {
    const { hls } = this;
    const options = [none, ...hls.subtitleTracks.map((track) => ({ key: keyOf(track), label: track.name }))];
    return {
      subject: "subtitles",
      options,
      chosen: hls.subtitleTrack + 1,
      choose: (position) => {
        this.preferences.set("subtitles", options[position]!.key);
        this.showSubtitles(position - 1);
        this.changed();
      },
    };
  }

  private showSubtitles(track: number): void {
    this.hls.subtitleTrack = track;
    this.hls.subtitleDisplay = track >= 0;
  }

  private applyQuality(): void {
    const wished = Number(this.preferences.get("quality"));
    if (wished > 0) {
      this.hls.currentLevel = levelFor(this.hls.levels, wished);
    } else if (this.suggestedHeight !== null) {
      this.hls.startLevel = levelFor(this.hls.levels, this.suggestedHeight);
    }
    this.changed();
  }

  private applySound(): void {
    const { options } = this.sound();
    const wished = optionFor(options, this.preferences.get("sound"));
    if (wished >= 0 && wished !== this.hls.audioTrack) this.hls.audioTrack = wished;
    this.changed();
  }

  private applySubtitles(): void {
    const key = this.preferences.get("subtitles");
    const position = optionFor(this.subtitles().options, key);
    if (position > 0) this.showSubtitles(position - 1);
    // What is forced is shown to those who want none, too.
    else this.showSubtitles(this.hls.subtitleTracks.findIndex((track) => track.forced && track.default));
    this.changed();
  }
}
