import assert from "node:assert/strict";
import { test } from "node:test";

import { abilities } from "../src/player/abilities";
import { keyOf, levelFor, levelLabels, optionFor, Preferences } from "../src/player/choices";

const levels = [
  { height: 360, bitrate: 600_000 },
  { height: 720, bitrate: 2_500_000 },
  { height: 1080, bitrate: 8_000_000 },
];

test("a wished height is that level, else the next below, else the lowest", () => {
  assert.equal(levelFor(levels, 720), 1);
  assert.equal(levelFor(levels, 1000), 1);
  assert.equal(levelFor(levels, 2160), 2);
  assert.equal(levelFor(levels, 144), 0);
  assert.equal(levelFor([...levels].reverse(), 144), 2);
  assert.equal(levelFor([], 720), -1);
});

test("levels of one height are told apart by their rate", () => {
  assert.deepEqual(levelLabels(levels), ["360p", "720p", "1080p"]);
  assert.deepEqual(levelLabels([levels[1]!, { height: 720, bitrate: 1_200_000 }]), ["720p · 2.5 Mbit/s", "720p · 1.2 Mbit/s"]);
});

test("a language is found in its regional forms", () => {
  const options = [
    { key: "off", label: "Off" },
    { key: "en", label: "English" },
    { key: "de-AT", label: "Deutsch" },
  ];
  assert.equal(optionFor(options, "de"), 2);
  assert.equal(optionFor(options, "en-GB"), 1);
  assert.equal(optionFor(options, "off"), 0);
  assert.equal(optionFor(options, "fr"), -1);
  assert.equal(optionFor(options, null), -1);
});

const plain = { lang: "en", name: "English", forced: false };
const forced = { lang: "en", name: "English forced", forced: true };
const described = { lang: "en", name: "English SDH", forced: false, characteristics: "public.accessibility.describes-music-and-sound" };
const found = (tracks: (typeof plain)[], key: string) =>
  tracks[optionFor(tracks.map((track) => ({ key: keyOf(track), label: track.name })), key)];

test("of several tracks of one language the chosen one comes back", () => {
  const tracks = [forced, described, plain];
  for (const track of tracks) assert.equal(found(tracks, keyOf(track)), track);
  const comments = { ...plain, name: "Commentary" };
  assert.equal(found([plain, comments], keyOf(comments)), comments);
});

test("a film that has no such track gives the most like it, forced last", () => {
  assert.equal(found([forced, described], keyOf(plain)), described);
  assert.equal(found([forced, plain], keyOf(described)), plain);
  assert.equal(found([described, plain], keyOf(forced)), plain);
  assert.equal(found([forced], keyOf(plain)), forced);
  assert.equal(found([forced, plain], "en"), plain, "a key without kind and name");
  const british = { lang: "en-GB", name: "English / British", forced: false };
  assert.equal(found([forced, british], keyOf(plain)), british);
  const nameless = { lang: "", name: "Subtitles 1", forced: false };
  assert.equal(found([forced, nameless], keyOf(nameless)), nameless);
  assert.equal(found([forced, plain], keyOf(nameless)), undefined);
  assert.equal(found([{ ...nameless, name: "Subtitles 2" }], keyOf(nameless)), undefined);
});

test("preferences survive, and a browser that keeps nothing does no harm", () => {
  const kept = new Map<string, string>();
  const preferences = new Preferences({ getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => void kept.set(key, value) });
  preferences.set("sound", "de");
  assert.equal(preferences.get("sound"), "de");
  assert.equal(preferences.get("quality"), null);
  const refuse = () => {
    throw new Error("refused");
  };
  const none = new Preferences({ getItem: refuse, setItem: refuse });
  none.set("sound", "de");
  assert.equal(none.get("sound"), null);
});

test("what the browser plays is told by the daemon's names", () => {
  assert.deepEqual(abilities((type) => /avc1|mp4a\.40/.test(type)), ["h264", "aac"]);
});
