/** What a viewer can choose between while a film plays. */
export type Subject = "quality" | "sound" | "subtitles";

export interface Option {
  /** Means the same on the next film: a height, keyOf() a track, "auto", "off". */
  key: string;
  label: string;
}

export interface Choice {
  subject: Subject;
  options: Option[];
  /** Position in `options`. */
  chosen: number;
  choose(position: number): void;
}

/** The viewer's own choices; they hold for every film until they are changed. */
export class Preferences {
  constructor(private readonly storage: Pick<Storage, "getItem" | "setItem"> = localStorage) {}

  get(subject: Subject): string | null {
    try {
      return this.storage.getItem(`carrel.${subject}`);
    } catch {
      return null; // a browser that keeps nothing
    }
  }

  set(subject: Subject, key: string): void {
    try {
      this.storage.setItem(`carrel.${subject}`, key);
    } catch {
      // It holds until the page is left.
    }
  }
}

export interface Level {
  height: number;
  bitrate: number;
}

/** Which level stands for a wished height: that one, else the highest below it, else the lowest. */
export function levelFor(levels: readonly Level[], height: number): number {
  let best = -1;
  levels.forEach((level, i) => {
    const current = levels[best];
    const fits = level.height <= height;
    if (current === undefined) best = i;
    else if (fits && (current.height > height || level.height > current.height)) best = i;
    else if (!fits && current.height > height && level.height < current.height) best = i;
  });
  return best;
}

/** "1080p", and the bit rate where two levels have the same height. */
export function levelLabels(levels: readonly Level[]): string[] {
  return levels.map((level) => {
    const name = level.height > 0 ? `${level.height}p` : "Picture";
    const twins = levels.filter((other) => other.height === level.height).length > 1;
    return twins ? `${name} · ${(level.bitrate / 1e6).toFixed(1)} Mbit/s` : name;
  });
}

/** A sound or a subtitle track as hls.js has it. */
export interface Named {
  lang?: string;
  name: string;
  forced: boolean;
  characteristics?: string;
}

/** Language, kind and name: another film may have the first two alike and call the track something else. */
export function keyOf(track: Named): string {
  const described = /describes-music-and-sound/.test(track.characteristics ?? "");
  return [track.lang ?? "", track.forced ? "forced" : described ? "sdh" : "", track.name].join("/");
}

/** The option with this key, or the one that is most like it: of the same language ("de" and "de-AT" are one), rather of the same
 *  kind and name, and forced only where there is nothing else. */
export function optionFor(options: readonly Option[], key: string | null): number {
  if (key === null) return -1;
  const exact = options.findIndex((option) => option.key === key);
  if (exact >= 0) return exact;
  const wished = partsOf(key);
  const likeness = (option: Option): number => {
    const { language, kind, name } = partsOf(option.key);
    const related = language === "" ? wished.language === "" && name === wished.name : primary(language) === primary(wished.language);
    if (!related) return 0;
    const ofKind = kind === wished.kind ? 3 : kind === "" ? 2 : kind === "forced" ? 0 : 1;
    return 1 + 4 * ofKind + 2 * Number(language === wished.language) + Number(name === wished.name);
  };
  const best = Math.max(0, ...options.map(likeness));
  return best === 0 ? -1 : options.findIndex((option) => likeness(option) === best);
}

const primary = (tag: string) => tag.split("-")[0];

function partsOf(key: string): { language: string; kind: string; name: string } {
  const [language = "", kind = "", ...name] = key.split("/");
  return { language, kind, name: name.join("/") };
}
