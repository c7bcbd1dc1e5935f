"""Fetches all that a film's playlists name, twice and by two users' sandboxes, and keeps it laid out as the URLs are."""

import posixpath
import time
import xml.etree.ElementTree as ElementTree
from fractions import Fraction
from urllib.parse import urljoin, urlsplit

import hls_rules
import hls_text
import sources
import truth
from hls_text import unquoted

IDLE_SECONDS = 10
MPD = "{urn:mpeg:dash:schema:mpd:2011}"


class Film:
    """Of one daemon, asked for by `clients` in turn; files go below `folder`."""

    def __init__(self, clients, video, folder):
        self.clients = clients
        self.root = f"/stream/{video['id']}/"
        self.folder = folder
        self.complaints = []
        self.answers = {}   # path below the root → body
        self.renditions = {}
        self.asked = float("-inf")

    def complain(self, *lines):
        self.complaints += lines

    def get(self, path, **headers):
        """The body, or None where there is no such thing. The second fetch has to bring the same."""
        if path in self.answers and not headers:
            return self.answers[path]
        self.renew_connections()
        first, second = (client.get(self.root + path, **headers) for client in self.clients)
        if first.status not in (200, 206):
            if first.status != 404:
                self.complain(f"{path}: {first.status} {first.body[:200]!r}")
            return None
        if (first.body, first.headers["ETag"]) != (second.body, second.headers["ETag"]):
            self.complain(f"{path}: the second fetch brought other bytes, or another ETag")
        if not headers:
            self.answers[path] = first.body
            place = self.folder / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(first.body)
        return first.body

    def renew_connections(self):
        """The daemon closes what is idle for long, as between two answers while a film is being decoded here."""
        if time.monotonic() - self.asked > IDLE_SECONDS:
            for client in self.clients:
                client.close()
        self.asked = time.monotonic()

    def need(self, path, **headers):
        body = self.get(path, **headers)
        if body is None:
            self.complain(f"{path}: it is named, and not there")
        return body or b""

    def fetch_rendition(self, uri):
        if uri in self.renditions:
            return self.renditions[uri]
        body = self.need(uri)
        complaints = hls_rules.check_media(body)
        self.complain(*(f"{uri}: {one}" for one in complaints))
        if complaints:
            return None
        rendition = truth.Rendition(uri, hls_text.parse(body))
        for segment in rendition.playlist.segments:
            path = self.beside(uri, segment.uri)
            if segment.byterange:
                length, offset = segment.byterange
                part = self.need(path, Range=f"bytes={offset}-{offset + length - 1}")
                if len(part) != length:
                    self.complain(f"{path}: {len(part)} bytes of {length} from {offset} on")
                rendition.segments.append(part)
            else:
                rendition.segments.append(self.need(path))
        maps = rendition.playlist.attributes("EXT-X-MAP")
        if maps:
            rendition.init = self.need(self.beside(uri, unquoted(maps[0]["URI"])))
        self.renditions[uri] = rendition
        return rendition

    def beside(self, uri, name):
        path = posixpath.normpath(urljoin(uri, name))
        return urlsplit(path).path

    def fetch_master(self, name="master.m3u8"):
        """Every rendition that it names; None where there is no such master."""
        body = self.get(name)
        if body is None:
            return None
        complaints = hls_rules.check_master(body)
        self.complain(*(f"{name}: {one}" for one in complaints))
        if complaints:
            return None
        master = hls_text.parse(body)
        uris = [uri for _, uri in master.streams]
        for tag in ("EXT-X-MEDIA", "EXT-X-I-FRAME-STREAM-INF"):
            uris += [unquoted(given["URI"]) for given in master.attributes(tag) if "URI" in given]
        found = [self.fetch_rendition(uri) for uri in dict.fromkeys(uris)]
        self.complain(*truth.target_complaints(name, [one for one in found if one is not None]))
        return master

    def read_renditions(self, master):
        independent = bool(master.all("EXT-X-INDEPENDENT-SEGMENTS"))
        for rendition in self.renditions.values():
            if rendition is None or rendition.init is None:
                continue
            if rendition.playlist.all("EXT-X-I-FRAMES-ONLY"):
                self.complain(*truth.iframe_complaints(rendition))
            else:
                self.complain(*truth.read_fragmented(rendition, independent))

    def read_beside_master(self, uri):
        """One that only the MPD names: sound whose pauses are filled for browsers."""
        rendition = self.fetch_rendition(uri)
        if rendition is not None and rendition.init is not None:
            self.complain(*truth.read_fragmented(rendition, True))
        return rendition

    def whole(self, rendition):
        """A file of all segments."""
        place = self.folder / f"{rendition.uri.replace('/', '_')}.mp4"
        if not place.exists():
            place.write_bytes(rendition.init + b"".join(rendition.segments))
        return place

    def probe(self, rendition):
        """ffprobe's words about its stream."""
        return sources.probe(self.whole(rendition))["streams"][0]

    def fetch_mpd(self):
        """[(representation, its timeline as (start, duration) in ticks, timescale, init, media)], or None."""
        body = self.get("manifest.mpd")
        return None if body is None else read_mpd(ElementTree.fromstring(body))


def _inherited(name, *elements):
    return next((one.get(name) for one in elements if one is not None and one.get(name) is not None), None)


def read_mpd(mpd):
    """Of an MPD with SegmentTemplate and SegmentTimeline, in which $Number$ counts."""
    found = []
    for adaptation in mpd.iter(MPD + "AdaptationSet"):
        for representation in adaptation.findall(MPD + "Representation"):
            templates = [one.find(MPD + "SegmentTemplate") for one in (representation, adaptation)]
            if not any(one is not None for one in templates):
                continue  # a file as it is, as subtitles are
            line = next(one.find(MPD + "SegmentTimeline") for one in templates
                        if one is not None and one.find(MPD + "SegmentTimeline") is not None)
            times, at = [], 0
            for step in line.findall(MPD + "S"):
                at = int(step.get("t", at))
                for _ in range(int(step.get("r", 0)) + 1):
                    times.append((at, int(step.get("d"))))
                    at += int(step.get("d"))
            first = int(_inherited("startNumber", *templates) or 1)
            media, init = _inherited("media", *templates), _inherited("initialization", *templates)
            base = "".join(one.text for one in representation.findall(MPD + "BaseURL")) or ""

            def filled(text, number=None, time=None, identity=representation.get("id")):
                text = text.replace("$RepresentationID$", identity or "")
                return base + text.replace("$Number$", str(number)).replace("$Time$", str(time))

            found.append({
                "codecs": _inherited("codecs", representation, adaptation),
                "bandwidth": int(representation.get("bandwidth")),
                "timescale": int(_inherited("timescale", *templates) or 1),
                "offset": int(_inherited("presentationTimeOffset", *templates) or 0),
                "timeline": times,
                "init": filled(init),
                "media": [filled(media, first + i, start) for i, (start, _) in enumerate(times)],
                "width": _inherited("width", representation, adaptation),
                "frame_rate": Fraction(_inherited("frameRate", representation, adaptation) or 0),
            })
    return found
