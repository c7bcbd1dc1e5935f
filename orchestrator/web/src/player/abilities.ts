/** What the daemon calls a codec, and what Media Source Extensions are asked about it. */
const probes: Record<string, string> = {
  h264: 'video/mp4; codecs="avc1.640028"',
  hevc: 'video/mp4; codecs="hvc1.1.6.L120.B0"',
  av1: 'video/mp4; codecs="av01.0.08M.08"',
  vp9: 'video/mp4; codecs="vp09.00.40.08"',
  vp8: 'video/mp4; codecs="vp08.00.40.08"',
  aac: 'audio/mp4; codecs="mp4a.40.2"',
  mp3: 'audio/mp4; codecs="mp4a.6B"',
  opus: 'audio/mp4; codecs="Opus"',
  flac: 'audio/mp4; codecs="fLaC"',
  ac3: 'audio/mp4; codecs="ac-3"',
  eac3: 'audio/mp4; codecs="ec-3"',
  alac: 'audio/mp4; codecs="alac"',
  dts: 'audio/mp4; codecs="dtsc"',
};

type Ask = (type: string) => boolean;

/** The codecs that this browser plays from fMP4, by the daemon's names. */
export function abilities(ask: Ask = supportedHere): string[] {
  return Object.keys(probes).filter((name) => ask(probes[name]!));
}

function supportedHere(type: string): boolean {
  const source = (globalThis as { ManagedMediaSource?: typeof MediaSource }).ManagedMediaSource ?? globalThis.MediaSource;
  return source?.isTypeSupported(type) ?? false;
}

/** What helps the daemon to choose a quality; what is not known is left out, for it refuses empty values. */
export function deviceHints(): URLSearchParams {
  const hints = new URLSearchParams();
  const codecs = abilities();
  if (codecs.length > 0) hints.set("codecs", codecs.join(","));
  const ratio = globalThis.devicePixelRatio || 1;
  const [width, height] = [Math.round(screen.width * ratio), Math.round(screen.height * ratio)];
  if (width > 0 && height > 0) hints.set("screen", `${width}x${height}`);
  const connection = (navigator as { connection?: { downlink?: number; saveData?: boolean } }).connection;
  // Chromium rounds and caps its guess at 10 Mbit/s: that means "fast", not ten.
  if (connection?.downlink && connection.downlink < 10) hints.set("network_kbps", String(Math.round(connection.downlink * 1000)));
  return hints;
}
