// parse.mjs FOLDER: reads every playlist and manifest below it with hls-parser and mpd-parser, which others wrote, and says
// what they did not like. Exit code 1: there is something.
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";

import { install } from "./lib/install.mjs";

install();
const HLS = (await import("hls-parser")).default;
const { parse: parseMpd } = await import("mpd-parser");

HLS.setOptions({ strictMode: true });
const folder = process.argv[2];
const complaints = [];
let read = 0;

function below(directory) {
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? below(join(directory, entry.name)) : [join(directory, entry.name)],
  );
}

function check(file) {
  const text = readFileSync(file, "utf8");
  if (file.endsWith(".m3u8")) {
    const playlist = HLS.parse(text);
    if (playlist.isMasterPlaylist ? playlist.variants.length === 0 : playlist.segments.length === 0) {
      complaints.push(`${relative(folder, file)}: nothing is in it`);
    }
  } else if (file.endsWith(".mpd")) {
    const warnings = [];
    const eventHandler = ({ type, message }) => type === "warn" && warnings.push(message);
    const manifest = parseMpd(text, { manifestUri: "http://host/stream/film/manifest.mpd", eventHandler });
    if (manifest.playlists.length === 0 && Object.keys(manifest.mediaGroups.AUDIO.audio ?? {}).length === 0) {
      complaints.push(`${relative(folder, file)}: nothing is in it`);
    }
    complaints.push(...warnings.map((line) => `${relative(folder, file)}: ${line}`));
  } else {
    return;
  }
  read += 1;
}

for (const file of below(folder)) {
  try {
    check(file);
  } catch (error) {
    complaints.push(`${relative(folder, file)}: ${error.message}`);
  }
}
if (read === 0) complaints.push("there is no playlist");
if (complaints.length > 0) {
  console.log(complaints.join("\n"));
  process.exit(1);
}
