import type { Subtitle } from "../api";
import * as format from "../format";

/** What to say of subtitles that are pictures, which no browser shows; null: the film has none. */
export function pictureSubtitles(subtitles: readonly Subtitle[]): string | null {
  const pictures = subtitles.filter(({ kind }) => kind === "sup" || kind === "vobsub");
  if (pictures.length === 0) return null;
  const names = new Set(pictures.map(({ language, title }) => format.language(language) ?? (title || "an unnamed language")));
  const list = new Intl.ListFormat("en").format(names);
  return `The subtitles in ${list} are pictures, which this page cannot show. VLC and mpv can, from the file itself.`;
}
