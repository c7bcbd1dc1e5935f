"""Segmented WebVTT against what ffmpeg reads from the source."""

import re
from collections import namedtuple

import hls_reader
from hls_text import unquoted

Cue = namedtuple("Cue", "start end text")
TIME = re.compile(r"(?:(\d+):)?(\d\d):(\d\d)\.(\d{3})")
# ffmpeg writes milliseconds that it rounds once more.
TOLERANCE = 0.002


def seconds(text):
    match = TIME.fullmatch(text)
    if not match:
        raise ValueError(f"{text!r} is no time of WebVTT")
    hours, minutes, whole, part = match.groups()
    return int(hours or 0) * 3600 + int(minutes) * 60 + int(whole) + int(part) / 1000


def parse(body):
    """(MPEGTS, LOCAL of X-TIMESTAMP-MAP or None, cues); ValueError: it is no WebVTT."""
    text = body.decode("utf-8").replace("\r\n", "\n").removeprefix("\ufeff")
    blocks = re.split(r"\n{2,}", text.strip("\n"))
    head = blocks[0].split("\n")
    if not re.fullmatch(r"WEBVTT([ \t].*)?", head[0]):
        raise ValueError(f"it begins with {head[0]!r}")
    mapped = None
    for line in head[1:]:
        if line.startswith("X-TIMESTAMP-MAP="):
            given = dict(part.split(":", 1) for part in line.partition("=")[2].split(","))
            mapped = (int(given["MPEGTS"]), seconds(given["LOCAL"]))
    cues = []
    for block in blocks[1:]:
        lines = block.split("\n")
        if lines[0].startswith(("NOTE", "STYLE", "REGION")):
            continue
        if "-->" not in lines[0]:
            lines = lines[1:]
        if not lines or "-->" not in lines[0]:
            raise ValueError(f"no cue: {block[:80]!r}")
        start, _, rest = lines[0].partition("-->")
        cues.append(Cue(seconds(start.strip()), seconds(rest.split()[0]), "\n".join(lines[1:])))
    return mapped, cues


def plain(text):
    """Without tags, and entities as what they stand for."""
    text = re.sub(r"<[^>]*>", "", text)
    for entity, char in (("&lt;", "<"), ("&gt;", ">"), ("&nbsp;", " "), ("&lrm;", ""), ("&rlm;", ""), ("&amp;", "&")):
        text = text.replace(entity, char)
    return re.sub(r"\s+", " ", text.replace("\u00a0", " ")).strip()


def of_source(path, stream):
    done = hls_reader.run("ffmpeg", "-v", "error", "-nostdin", "-copyts", "-i", path, "-map", f"0:{stream}", "-f", "webvtt", "-")
    return parse(done.stdout.encode())[1] if done.returncode == 0 and done.stdout else None


def gather(rendition, zero=0.0):
    """Every cue once, and complaints: a cue is in each segment that it overlaps, as it would be missing after a seek. `zero`: what
    the clock of the picture beside it shows when the playlist begins."""
    complaints, found, begins, previous = [], {}, 0.0, None
    for number, (body, listed) in enumerate(zip(rendition.segments, rendition.playlist.segments)):
        where, ends = f"{rendition.uri}: segment {number}", begins + float(listed.duration)
        try:
            mapped, cues = parse(body)
        except (ValueError, UnicodeDecodeError) as error:
            complaints.append(f"{where}: {error}")
            continue
        move = (mapped[0] / 90000 - mapped[1] - zero) if mapped else 0.0
        if previous is not None and abs(move - previous) > 1e-9:
            complaints.append(f"{where}: X-TIMESTAMP-MAP is another than before")
        previous = move
        if [cue.start for cue in cues] != sorted(cue.start for cue in cues):
            complaints.append(f"{where}: the cues are out of order")
        for cue in cues:
            moved = Cue(cue.start + move, cue.end + move, cue.text)
            if moved.end <= moved.start:
                complaints.append(f"{where}: {cue} ends before it begins")
            if moved.end < begins - 1e-3 or moved.start > ends + 1e-3:
                complaints.append(f"{where} ({begins:.3f} to {ends:.3f} s): {moved} is not in it")
            found.setdefault(Cue(round(moved.start, 6), round(moved.end, 6), moved.text), []).append(number)
        begins = ends
    begins = 0.0
    for number, listed in enumerate(rendition.playlist.segments):
        ends = begins + float(listed.duration)
        for cue, numbers in found.items():
            if cue.start < ends - 1e-3 and cue.end > begins + 1e-3 and number not in numbers:
                complaints.append(f"{rendition.uri}: segment {number} lacks {cue}")
        begins = ends
    return complaints, sorted(found)


def complaints(film, master, path):
    """Of all subtitle renditions. Those inside the film are held against ffmpeg's reading of them."""
    import sources

    streams = sources.probe(path)["streams"]
    lasts = max((float(one.seconds) for one in film.renditions.values() if one and one.track), default=0.0)
    # By how much the film's own time is moved, told by its picture.
    shift = origin(film, path)
    for media in master.attributes("EXT-X-MEDIA"):
        if media["TYPE"] != "SUBTITLES":
            continue
        rendition = film.renditions.get(unquoted(media["URI"]))
        if rendition is None:
            continue
        some, cues = gather(rendition)
        yield from some
        if abs(float(rendition.seconds) - lasts) > 12:
            yield f"{rendition.uri}: lasts {float(rendition.seconds)} s, the film {lasts}"
        number = int(rendition.uri.split("/")[0])
        if number >= len(streams) or streams[number]["codec_type"] != "subtitle":
            continue  # from a file beside the film
        wanted = of_source(path, number)
        if wanted is None:
            continue
        got = [(cue.start, cue.end, plain(cue.text)) for cue in cues if plain(cue.text)]
        want = [(cue.start + shift, cue.end + shift, plain(cue.text)) for cue in wanted if plain(cue.text)]
        if [one[2] for one in got] != [one[2] for one in want]:
            yield f"{rendition.uri}: {[one[2] for one in got][:5]}, the source has {[one[2] for one in want][:5]}"
            continue
        for ours, theirs in zip(got, want):
            if max(abs(ours[0] - theirs[0]), abs(ours[1] - theirs[1])) > TOLERANCE:
                yield f"{rendition.uri}: {ours}, the source has {theirs}"


def origin(film, path):
    import sources

    for uri, rendition in film.renditions.items():
        if rendition is None or rendition.track is None or not rendition.fragments or uri.count("/") != 1:
            continue
        first = min(s.time + s.offset for s in rendition.fragments[0].samples) / rendition.track.timescale
        number = int(uri.split("/")[0])
        theirs = [p.seconds for p in sources.packets(path, [number], False)[number] if p.seconds is not None]
        if theirs:
            return first - float(min(theirs[:64]))
    return 0.0
