import { execFile } from "node:child_process";
import { mkdir, rename, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** English sound that browsers do not play, German that they do, subtitles inside and beside the film, chapters. */
export const tongues = { title: "Many Tongues", file: "Many Tongues.mkv", seconds: 40 };
/** A picture that no browser plays. */
export const old = { title: "Old Picture", file: "Old Picture.avi", seconds: 20 };
/** One that some browsers play, but not this one. */
export const modern = { title: "New Picture", file: "New Picture.mp4", seconds: 20 };
/** A picture that is large enough for a lower quality. */
export const large = { title: "Large Picture", file: "Large Picture.mp4", seconds: 20 };
export const richFilms = [tongues, old, modern, large];

const clock = (seconds) => `00:00:${String(seconds).padStart(2, "0")},000`;

/** A line every two seconds that names the second at which it begins. */
function subtitles(word, seconds) {
  let text = "";
  for (let at = 0, number = 1; at < seconds; at += 2, number++) {
    text += `${number}\n${clock(at)} --> ${clock(at + 2)}\n${word} ${at}\n\n`;
  }
  return text;
}

const chapters = `;FFMETADATA1
[CHAPTER]
TIMEBASE=1/1000
START=0
END=20000
title=The Beginning
[CHAPTER]
TIMEBASE=1/1000
START=20000
END=40000
title=The End
`;

const picture = (seconds, size = "640x360") => ["-f", "lavfi", "-i", `testsrc2=size=${size}:rate=25:duration=${seconds}`];
const sound = (hertz, seconds) => ["-f", "lavfi", "-i", `sine=frequency=${hertz}:sample_rate=48000:duration=${seconds}`];

async function ffmpeg(folder, film, args) {
  const target = join(folder, film.file);
  if (await stat(target).catch(() => null)) return;
  const draft = join(folder, `.draft-${process.pid}-${film.file}`);
  await run("ffmpeg", ["-nostdin", "-v", "error", "-y", ...args, draft]);
  await rename(draft, target);
}

export async function makeRichFilms(folder) {
  const made = join(folder, "../rich-parts");
  await mkdir(folder, { recursive: true });
  await mkdir(made, { recursive: true });
  await writeFile(join(made, "inside.srt"), subtitles("second", tongues.seconds));
  await writeFile(join(made, "chapters.txt"), chapters);
  await writeFile(join(folder, "Many Tongues.fr.srt"), subtitles("seconde", tongues.seconds));
  await ffmpeg(folder, tongues, [
    ...picture(tongues.seconds), ...sound(220, tongues.seconds), ...sound(440, tongues.seconds),
    "-i", join(made, "inside.srt"), "-i", join(made, "chapters.txt"),
    "-map", "0:v", "-map", "1:a", "-map", "2:a", "-map", "3:s", "-map_metadata", "4",
    "-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p", "-bf", "2", "-g", "50", "-crf", "30",
    "-c:a:0", "ac3", "-c:a:1", "aac", "-c:s", "srt",
    "-metadata:s:a:0", "language=eng", "-metadata:s:a:0", "title=English",
    "-metadata:s:a:1", "language=ger", "-metadata:s:a:1", "title=Deutsch", "-metadata:s:s:0", "language=eng",
  ]);
  await ffmpeg(folder, old, [
    ...picture(old.seconds), ...sound(330, old.seconds), "-c:v", "mpeg4", "-q:v", "8", "-c:a", "libmp3lame",
  ]);
  await ffmpeg(folder, modern, [
    ...picture(modern.seconds), ...sound(550, modern.seconds), "-c:v", "libx265", "-preset", "ultrafast", "-pix_fmt", "yuv420p",
    "-x265-params", "log-level=none:keyint=50", "-tag:v", "hvc1", "-c:a", "aac",
  ]);
  await ffmpeg(folder, large, [
    ...picture(large.seconds, "640x480"), ...sound(330, large.seconds),
    "-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p", "-g", "50", "-crf", "30", "-c:a", "aac",
  ]);
}
