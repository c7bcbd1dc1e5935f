import assert from "node:assert/strict";
import { test } from "node:test";

import type { Subtitle } from "../src/api";
import { pictureSubtitles } from "../src/parts/picture-subtitles";

const subtitle = (kind: Subtitle["kind"], language: string, title = ""): Subtitle => ({ kind, language, title });

test("subtitles that are pictures are named, text is not", () => {
  assert.equal(pictureSubtitles([]), null);
  assert.equal(pictureSubtitles([subtitle("vtt", "en"), subtitle("ass", "en")]), null);
  assert.match(pictureSubtitles([subtitle("vtt", "en"), subtitle("sup", "ger"), subtitle("sup", "de"), subtitle("vobsub", "fr")])!,
    /^The subtitles in German and French are pictures/);
});

test("a track without a language goes by its title", () => {
  assert.match(pictureSubtitles([subtitle("sup", "", "Signs")])!, /in Signs are/);
  assert.match(pictureSubtitles([subtitle("sup", "und")])!, /in an unnamed language are/);
  assert.match(pictureSubtitles([subtitle("sup", "not a tag")])!, /in an unnamed language are/);
});
