/** What a viewer can choose between while a film plays. */
export type Subject = "quality" | "sound" | "subtitles";

export interface Option {
  /** Means the same on the next film: a height, a language, "auto", "off". */
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

/** The option with this key; a language also matches its regional forms ("de" and "de-AT"). */
export function optionFor(options: readonly Option[], key: string | null): number {
  if (key === null) return -1;
  const exact = options.findIndex((option) => option.key === key);
  if (exact >= 0) return exact;
  const primary = (tag: string) => tag.split("-")[0];
  return options.findIndex((option) => primary(option.key) === primary(key));
}
