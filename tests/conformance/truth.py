"""What playlists say, held against what their segments are. Each complaint is a line."""

import math
import re
from collections import defaultdict
from dataclasses import dataclass, field
from fractions import Fraction

from boxes import BadBoxes, find, one, read_boxes, read_fragment, read_init, read_run
from codec_strings import same_codec
from hls_text import unquoted

# EXTINF has at least six decimals; nothing else may lie between it and the samples' durations.
EXACT = Fraction(1, 1_000_000)


@dataclass
class Rendition:
    """One media playlist with all that it names."""

    uri: str                     # of the playlist, from the film's root
    playlist: object             # hls_text.Playlist
    segments: list = field(default_factory=list)  # bytes
    init: bytes | None = None
    track: object = None         # boxes.Track
    fragments: list = field(default_factory=list)
    complaints: list = field(default_factory=list)

    @property
    def target(self):
        return self.playlist.number("EXT-X-TARGETDURATION")

    @property
    def rates(self):
        return [(len(data), segment.duration) for data, segment in zip(self.segments, self.playlist.segments)]

    @property
    def seconds(self):
        return sum(segment.duration for segment in self.playlist.segments)


def peak_rate(segments, target):
    """Bits a second that BANDWIDTH says, of (bytes, seconds): the most of any run of segments that lasts half a target duration to
    one and a half (RFC 8216bis section 4.1), or without such a run of any segment."""
    peak = 0
    for first in range(len(segments)):
        size, seconds = 0, 0
        for more, length in segments[first:]:
            size, seconds = size + more, seconds + length
            if seconds > target * Fraction(3, 2):
                break
            if seconds >= Fraction(target, 2):
                peak = max(peak, size * 8 / seconds)
    return float(peak or max(size * 8 / seconds for size, seconds in segments))


def average_rate(segments):
    return float(sum(size for size, _ in segments) * 8 / sum(seconds for _, seconds in segments))


def target_complaints(name, renditions):
    """RFC 8216bis section 6.2.4: one target duration, but for subtitles and I-frames."""
    targets = {one.target for one in renditions if one.init is not None and not one.playlist.all("EXT-X-I-FRAMES-ONLY")}
    if len(targets) > 1:
        yield f"{name}: its playlists have several target durations: {sorted(targets)}"


def read_fragmented(rendition, independent):
    """Reads init and segments of a rendition in fragmented MP4, and complains."""
    try:
        rendition.track = read_init(rendition.init)
    except (BadBoxes, IndexError, KeyError, ValueError) as error:
        return [f"{rendition.uri}: init: {error!r}"]
    complaints, expected = [], None
    if rendition.track.edits:
        complaints.append(f"{rendition.uri}: an edit list, which browsers do not heed")
    for number, (data, listed) in enumerate(zip(rendition.segments, rendition.playlist.segments)):
        where = f"{rendition.uri}: segment {number}"
        try:
            part = read_fragment(data, rendition.track)
        except BadBoxes as error:
            complaints.append(f"{where}: {error}")
            continue
        rendition.fragments.append(part)
        seconds = Fraction(part.duration, rendition.track.timescale)
        if abs(seconds - listed.duration) > EXACT:
            complaints.append(f"{where}: EXTINF {float(listed.duration)}, and its samples last {float(seconds)}")
        if expected is not None and part.start != expected:
            complaints.append(f"{where}: tfdt {part.start}, where {expected} goes on")
        if part.sequence != number + 1:
            complaints.append(f"{where}: sequence number {part.sequence}")
        if part.duration == 0:
            complaints.append(f"{where}: lasts no time")
        if independent and rendition.track.kind == "vide" and not part.samples[0].sync:
            complaints.append(f"{where}: begins with no sync sample, and the playlist says that segments are independent")
        expected = part.start + part.duration
    return complaints


def presented(rendition):
    """(start, duration) in seconds of each segment as it is shown: from its first picture, which a player can begin with, to that
    of the next one. Pictures that lead an open group of pictures come before it."""
    scale = rendition.track.timescale
    begins = [(part.samples[0].time + part.samples[0].offset) / scale for part in rendition.fragments]
    ends = begins[1:] + [begins[-1] + rendition.fragments[-1].duration / scale]
    return [(begin, end - begin) for begin, end in zip(begins, ends)]


def _within(what, said, true):
    # A bit for each rendition that was rounded up.
    if said is None or not math.floor(true) <= int(said) <= math.ceil(true) + 8:
        return [f"{what}={said}, and {true:.0f} is true"]
    return []


def groups(master):
    """(type, group) → (attributes, URI) of each member."""
    found = defaultdict(list)
    for media in master.attributes("EXT-X-MEDIA"):
        if "URI" in media:
            found[media["TYPE"], unquoted(media["GROUP-ID"])].append((media, unquoted(media["URI"])))
    return found


def bandwidth_complaints(uri, stream, own, companions):
    """`companions`: lists of renditions of which one plays beside."""
    peak, average = peak_rate(own.rates, own.target), average_rate(own.rates)
    for renditions in companions:
        peak += max(peak_rate(one.rates, one.target) for one in renditions)
        average += max(average_rate(one.rates) for one in renditions)
    # The text of subtitles is not counted.
    return (_within(f"{uri}: BANDWIDTH", stream.get("BANDWIDTH"), peak)
            + _within(f"{uri}: AVERAGE-BANDWIDTH", stream.get("AVERAGE-BANDWIDTH"), average))


def codec_complaints(uri, stream, tracks):
    said = unquoted(stream.get("CODECS", '""')).split(",")
    complaints = []
    for codec in said:
        if codec != "wvtt" and not any(same_codec(track.codec, codec) for track in tracks):
            complaints.append(f"{uri}: CODECS has {codec}, and the segments are {sorted({t.codec for t in tracks})}")
    for track in tracks:
        if not any(same_codec(track.codec, codec) for codec in said):
            complaints.append(f"{uri}: CODECS lacks {track.codec}: {said}")
    return complaints


def frame_rate(rendition):
    """Pictures a second at their fastest, over half a second or more; what passes in less than a millisecond is not seen."""
    scale = rendition.track.timescale
    times = sorted(sample.time + sample.offset for part in rendition.fragments for sample in part.samples)
    seen = [time for time, after in zip(times, times[1:]) if (after - time) * 1000 >= scale] + times[-1:]
    if len(seen) < 2:
        return None
    highest, end = Fraction(len(seen) - 1, seen[-1] - seen[0]) * scale, 0
    for begin, time in enumerate(seen):
        while end < len(seen) and (seen[end] - time) * 2 < scale:
            end += 1
        if end == len(seen):
            break
        highest = max(highest, Fraction(end - begin, seen[end] - time) * scale)
    return highest


def frame_rate_complaints(uri, stream, rendition):
    said, true = Fraction(stream.get("FRAME-RATE", "0")), frame_rate(rendition)
    # Even pictures are told by their average, from which rounded times differ by less than a fiftieth.
    if true is None or true * Fraction(49, 50) - Fraction(1, 100) <= said <= true * Fraction(101, 100) + Fraction(1, 1000):
        return []
    return [f"{uri}: FRAME-RATE={float(said)}, and {float(true):.3f} is true"]


def shown_size(probed):
    """Width and height as they are to be shown, of ffprobe's words about a stream."""
    width, height = probed["width"], probed["height"]
    aspect = probed.get("sample_aspect_ratio", "1:1")
    across, down = map(int, aspect.split(":")) if re.fullmatch(r"\d+:\d+", aspect) else (1, 1)
    if across and down:
        width = width * across / down
    turn = next((int(data["rotation"]) for data in probed.get("side_data_list", ()) if "rotation" in data), 0)
    return (height, width) if turn % 180 else (width, height)


def picture_complaints(uri, stream, probed):
    complaints = []
    said = tuple(map(int, stream.get("RESOLUTION", "0x0").split("x")))
    true = shown_size(probed)
    if any(abs(a - b) > 1 for a, b in zip(said, true)):
        complaints.append(f"{uri}: RESOLUTION={said}, and the pictures are {true}")
    ranges = {"smpte2084": "PQ", "arib-std-b67": "HLG"}
    wanted = ranges.get(probed.get("color_transfer"), "SDR")
    if stream.get("VIDEO-RANGE", "SDR") != wanted:
        complaints.append(f"{uri}: VIDEO-RANGE={stream.get('VIDEO-RANGE')}, and the pictures are {wanted}")
    return complaints


def master_complaints(master, renditions, probe):
    """`renditions`: URI → Rendition; `probe(rendition)`: ffprobe's words about its stream."""
    known, complaints = groups(master), []
    for (kind, group), members in known.items():
        for media, uri in members:
            track = renditions[uri].track
            if kind == "AUDIO" and track is None:
                complaints.append(f"{uri}: no sound in group {group}")
            channels = unquoted(media.get("CHANNELS", '""')).split("/")[0]
            if kind == "AUDIO" and channels and track is not None and int(channels) != probe(renditions[uri])["channels"]:
                complaints.append(f"{uri}: CHANNELS={channels}, and {probe(renditions[uri])['channels']} are decoded")
    for stream, uri in master.streams:
        own = renditions[uri]
        companions = [[renditions[member] for _, member in known[kind, unquoted(stream[kind])] if member != uri]
                      for kind in ("AUDIO",) if kind in stream]
        companions = [some for some in companions if some]
        complaints += bandwidth_complaints(uri, stream, own, companions)
        if own.track is None:
            continue
        complaints += codec_complaints(uri, stream, [own.track] + [one.track for some in companions for one in some if one.track])
        if own.track.kind == "vide":
            complaints += frame_rate_complaints(uri, stream, own)
            complaints += picture_complaints(uri, stream, probe(own))
        elif "RESOLUTION" in stream or "FRAME-RATE" in stream:
            complaints.append(f"{uri}: RESOLUTION or FRAME-RATE of sound")
    for stream in master.attributes("EXT-X-I-FRAME-STREAM-INF"):
        own = renditions[unquoted(stream["URI"])]
        if not own.playlist.all("EXT-X-I-FRAMES-ONLY"):
            complaints.append(f"{own.uri}: EXT-X-I-FRAMES-ONLY is missing")
        complaints += bandwidth_complaints(own.uri, {"AVERAGE-BANDWIDTH": str(math.ceil(average_rate(own.rates))), **stream}, own, [])
        if own.track:
            complaints += codec_complaints(own.uri, stream, [own.track])
    return complaints


def iframe_complaints(rendition):
    """Each range begins a fragment and has its first picture whole, which depends on no other."""
    complaints = []
    try:
        rendition.track = read_init(rendition.init)
    except BadBoxes as error:
        return [f"{rendition.uri}: init: {error}"]
    for number, data in enumerate(rendition.segments):
        where = f"{rendition.uri}: picture {number}"
        if data[4:8] != b"moof":
            complaints.append(f"{where} begins with {data[4:8]}, and not with moof")
            continue
        try:
            first = first_sample(data, rendition.track)
        except BadBoxes as error:
            complaints.append(f"{where}: {error}")
            continue
        if not first.sync:
            complaints.append(f"{where} is no sync sample")
        if first.place + first.size > len(data):
            complaints.append(f"{where}: the range of {len(data)} bytes ends inside it")
    return complaints


def first_sample(data, track):
    """Of a part of a segment; the samples that are not in it are no matter."""
    moof = int.from_bytes(data[:4], "big")
    if moof > len(data):
        raise BadBoxes("moof is not whole")
    boxes = read_boxes(data, 0, moof)
    one(boxes, "moof/traf/tfdt")
    runs = find(boxes, "moof/traf/trun")
    if not runs:
        raise BadBoxes("no trun")
    return read_run(data, runs[0], 0, moof, track.defaults, 0)[0][0]
