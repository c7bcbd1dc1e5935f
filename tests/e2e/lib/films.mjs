import { execFile } from "node:child_process";
import { mkdir, rename, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

export const width = 640;
export const height = 360;

/** Every film is H.264 with B-frames and AAC. The right half is an even grey that tells the time: it goes from black to
 *  `brightest` (luma above black) over the film. */
export const films = [
  { title: "Grey Minute", file: "Grey Minute.mp4", seconds: 60, options: ["-movflags", "+faststart"] },
  { title: "Grey Minute in Matroska", file: "Grey Minute in Matroska.mkv", seconds: 60, options: [] },
  { title: "Three Grey Minutes", file: "Three Grey Minutes.mp4", seconds: 180, options: [] },
];
const brightest = 200;

/** Makes the films in `folder`, where they are not there yet. */
export async function makeFilms(folder) {
  await mkdir(folder, { recursive: true });
  for (const film of films) {
    const file = join(folder, film.file);
    if (!(await stat(file).catch(() => null))) await make(film, file);
  }
}

async function make({ title, seconds, options }, file) {
  // Under a hidden name until it is whole.
  const draft = join(dirname(file), `.draft-${process.pid}-${basename(file)}`);
  const grey = `nullsrc=size=32x36:rate=25:duration=${seconds},geq=lum='16+${brightest}*T/${seconds}':cb=128:cr=128`;
  await run("ffmpeg", [
    "-nostdin", "-v", "error", "-y",
    "-f", "lavfi", "-i", `testsrc2=size=${width}x${height}:rate=25:duration=${seconds}`,
    "-f", "lavfi", "-i", `${grey},scale=${width / 2}:${height}:flags=neighbor`,
    "-f", "lavfi", "-i", `sine=frequency=220:beep_factor=4:sample_rate=48000:duration=${seconds}`,
    "-filter_complex", `[0][1]overlay=x=${width / 2},format=yuv420p[v]`,
    "-map", "[v]", "-map", "2:a", "-metadata", `title=${title}`,
    "-c:v", "libx264", "-preset", "veryfast", "-bf", "2", "-g", "50", "-crf", "30", "-c:a", "aac", "-b:a", "96k",
    ...options, draft,
  ]);
  await rename(draft, file);
}

/** The second of a film that its picture shows, from the red, green or blue (they are equal) of its grey half. */
export function secondsOf(channel, film) {
  // Limited range: 219 steps of luma are 255 of the screen.
  return (((channel * 219) / 255) / brightest) * film.seconds;
}
