import { execFile } from "node:child_process";
import { mkdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

export const seconds = 40;

/** Films whose picture flashes white exactly when a beep sounds, each second, for a tenth of one. The second has sound that no
 *  browser plays, in a container that none opens. */
export const clocks = [
  { title: "Clock", file: "Clock.mp4", options: ["-c:a", "aac", "-b:a", "96k", "-movflags", "+faststart"] },
  { title: "Clock with AC-3", file: "Clock with AC-3.ts", options: ["-c:a", "ac3", "-b:a", "192k"] },
];

/** For a player that takes the MPEG-TS form: sound that MPEG-TS does not know, and a subtitle for each second. */
export const oldClock = {
  title: "Clock with DTS",
  file: "Clock with DTS.mkv",
  options: ["-c:a", "dca", "-strict", "-2", "-ac", "2", "-c:s", "srt", "-metadata:s:s:0", "language=eng"],
};

/** What only browsers of today play, each with one player. */
export const modernClocks = [
  {
    title: "Clock in VP9", file: "Clock in VP9.webm", engine: "hls.js",
    picture: ["-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-g", "50"], options: ["-c:a", "libopus"],
  },
  {
    title: "Clock in AV1", file: "Clock in AV1.mkv", engine: "Shaka",
    picture: ["-c:v", "libsvtav1", "-preset", "12", "-g", "50"], options: ["-c:a", "flac"],
  },
];
const h264 = ["-c:v", "libx264", "-preset", "veryfast", "-bf", "2", "-g", "50"];

/** One picture to a lecture, sound that goes on for long after the picture (which Shaka does not play), and a picture that goes on in
 *  silence; seconds of each. */
export const uneven = [
  { title: "Lecture", picture: 0.04, sound: 20, engines: ["hls.js", "Shaka"] },
  { title: "Outro", picture: 4, sound: 180, engines: ["hls.js"] },
  { title: "Silent end", picture: 20, sound: 4, engines: ["hls.js", "Shaka"] },
];

const stamp = (second) => `00:00:${String(second).padStart(2, "0")},000`;
const subtitles = Array.from(
  { length: seconds },
  (_, second) => `${second + 1}\n${stamp(second)} --> ${stamp(second + 1)}\nsecond ${second}\n\n`,
).join("");

async function makeUneven(folder) {
  for (const { title, picture, sound } of uneven) {
    const path = join(folder, `${title}.mkv`);
    if (await stat(path).catch(() => null)) continue;
    const draft = join(folder, `.draft-${process.pid}-${title}.mkv`);
    await run("ffmpeg", [
      "-nostdin", "-v", "error", "-y", "-f", "lavfi", "-i", `testsrc2=s=320x180:r=25:d=${picture}`,
      "-f", "lavfi", "-i", `sine=f=440:r=48000:d=${sound}`,
      "-c:v", "libx264", "-preset", "veryfast", "-bf", "3", "-g", "50", "-pix_fmt", "yuv420p", "-c:a", "aac", draft,
    ]);
    await rename(draft, path);
  }
}

export async function makeClocks(folder) {
  await mkdir(folder, { recursive: true });
  await makeUneven(folder);
  for (const { file, options, picture = h264 } of [...clocks, oldClock, ...modernClocks]) {
    const path = join(folder, file);
    if (await stat(path).catch(() => null)) continue;
    const draft = join(folder, `.draft-${process.pid}-${file}`);
    const text = join(folder, `.draft-${process.pid}.srt`);
    const withText = options.includes("-c:s");
    await writeFile(text, subtitles);
    await run("ffmpeg", [
      "-nostdin", "-v", "error", "-y",
      "-f", "lavfi", "-i", `color=black:s=320x180:r=25:d=${seconds},drawbox=color=white:t=fill:enable='lt(mod(t,1),0.1)'`,
      "-f", "lavfi", "-i", `aevalsrc='0.8*sin(2*PI*1000*t)*lt(mod(t,1),0.1)':s=48000:d=${seconds}`,
      ...(withText ? ["-i", text, "-map", "0:v", "-map", "1:a", "-map", "2:s"] : []),
      ...picture, "-pix_fmt", "yuv420p", ...options, draft,
    ]);
    await rm(text);
    await rename(draft, path);
  }
}
