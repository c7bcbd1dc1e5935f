/** 62 → "1:02", 3723 → "1:02:03". Whole seconds, rounded down as a player's clock does. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (n: number) => String(n).padStart(2, "0");
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor(whole / 60) % 60;
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

/** 62 → "1 minute 2 seconds", for screen readers. */
export function spokenDuration(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const parts: [number, string][] = [
    [Math.floor(whole / 3600), "hour"],
    [Math.floor(whole / 60) % 60, "minute"],
    [whole % 60, "second"],
  ];
  const said = parts.filter(([n]) => n > 0).map(([n, unit]) => `${n} ${unit}${n === 1 ? "" : "s"}`);
  return said.length > 0 ? said.join(" ") : "0 seconds";
}

/** Decimal units, as disks and downloads are labelled. */
export function bytes(size: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let value = size;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const digits = unit > 0 && value < 9.95 ? 1 : 0;
  return `${value.toFixed(digits)} ${units[unit]}`;
}

/** "1080p" from the frame; wide films are cropped in height, so the width decides as well. */
export function resolution(width: number | null, height: number | null): string | null {
  if (!width || !height) return null;
  const long = Math.max(width, height);
  const short = Math.min(width, height);
  const classes: [number, number, string][] = [
    [7680, 4320, "8K"],
    [3840, 2160, "4K"],
    [2560, 1440, "1440p"],
    [1920, 1080, "1080p"],
    [1280, 720, "720p"],
  ];
  const found = classes.find(([w, h]) => long >= w * 0.95 || short >= h * 0.95);
  return found ? found[2] : `${short}p`;
}

const containers: Record<string, string> = {
  matroska: "MKV",
  "matroska,webm": "MKV",
  "mov,mp4,m4a,3gp,3g2,mj2": "MP4",
  quicktime: "MOV",
  mpegts: "TS",
  webm: "WebM",
  ogg: "Ogg",
};

export function container(name: string): string {
  return containers[name.toLowerCase()] ?? name.toUpperCase();
}

/** The names of `codecs` strings (RFC 6381) and of FFmpeg, as people know them. */
export function codec(name: string): string {
  const known: [RegExp, string][] = [
    [/^(avc[1-4]|h264)/i, "H.264"],
    [/^(hvc1|hev1|hevc|h265)/i, "HEVC"],
    [/^av0?1/i, "AV1"],
    [/^vp0?9/i, "VP9"],
    [/^vp0?8/i, "VP8"],
    [/^(mp4a\.40|aac)/i, "AAC"],
    [/^(mp4a\.6b|mp4a\.69|mp3)/i, "MP3"],
    [/^opus/i, "Opus"],
    [/^(fla?c)/i, "FLAC"],
    [/^(ec-3|eac3)/i, "E-AC-3"],
    [/^(ac-3|ac3)/i, "AC-3"],
  ];
  return known.find(([pattern]) => pattern.test(name))?.[1] ?? name;
}

/** "de" and "ger" → "German"; null for what is no language. */
export function language(tag: string): string | null {
  try {
    const name = new Intl.DisplayNames("en", { type: "language", fallback: "none" }).of(tag);
    return tag === "und" || name === undefined ? null : name;
  } catch {
    return null;
  }
}
