import assert from "node:assert/strict";
import { test } from "node:test";

import * as format from "../src/format";

test("durations as a clock shows them", () => {
  for (const [seconds, text] of [
    [0, "0:00"],
    [59.99, "0:59"],
    [60, "1:00"],
    [3599, "59:59"],
    [3600, "1:00:00"],
    [36_061.5, "10:01:01"],
    [-1, "0:00"],
  ] as const) {
    assert.equal(format.duration(seconds), text);
  }
});

test("durations as they are said", () => {
  assert.equal(format.spokenDuration(0), "0 seconds");
  assert.equal(format.spokenDuration(61), "1 minute 1 second");
  assert.equal(format.spokenDuration(7322), "2 hours 2 minutes 2 seconds");
});

test("sizes", () => {
  for (const [size, text] of [
    [0, "0 B"],
    [999, "999 B"],
    [1000, "1.0 kB"],
    [12_345_678, "12 MB"],
    [999_700_000, "1.0 GB"],
    [4_200_000_000, "4.2 GB"],
    [5e15, "5000 TB"],
  ] as const) {
    assert.equal(format.bytes(size), text);
  }
});

test("resolutions of cropped, upright and small films", () => {
  assert.equal(format.resolution(1920, 800), "1080p");
  assert.equal(format.resolution(1080, 1920), "1080p");
  assert.equal(format.resolution(1440, 1080), "1080p");
  assert.equal(format.resolution(3840, 1608), "4K");
  assert.equal(format.resolution(640, 360), "360p");
  assert.equal(format.resolution(null, 360), null);
});

test("codecs by RFC 6381 string and by name", () => {
  for (const [name, text] of [
    ["avc1.64001f", "H.264"],
    ["hvc1.1.6.L93.B0", "HEVC"],
    ["av01.0.04M.08", "AV1"],
    ["vp09.00.10.08", "VP9"],
    ["mp4a.40.2", "AAC"],
    ["mp4a.6B", "MP3"],
    ["opus", "Opus"],
    ["fLaC", "FLAC"],
    ["ec-3", "E-AC-3"],
    ["prores", "prores"],
  ] as const) {
    assert.equal(format.codec(name), text);
  }
});
