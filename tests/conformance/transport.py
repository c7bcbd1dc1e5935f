"""MPEG-TS segments for old players: packets, continuity, and the source's samples in them."""

import hls_reader
import sources
import subtitles
import truth
from hls_text import unquoted

PACKET = 188
TOLERANCE = 0.001  # of sound against the picture, s


def packet_complaints(uri, data, counters):
    if len(data) % PACKET or not data:
        yield f"{uri}: {len(data)} bytes are no whole packets"
        return
    tables = []
    for at in range(0, len(data), PACKET):
        if data[at] != 0x47:
            yield f"{uri}: no sync byte at {at}"
            return
        pid = (data[at + 1] & 0x1F) << 8 | data[at + 2]
        if len(tables) < 2:
            tables.append(pid)
        payload, counter = data[at + 3] & 0x10, data[at + 3] & 0x0F
        last = counters.get(pid)
        if payload and last is not None and counter != (last + 1) % 16 and pid != 0x1FFF:
            yield f"{uri}: the continuity counter of {pid:#x} goes from {last} to {counter} at {at}"
        if payload:
            counters[pid] = counter
    if tables[0] != 0:
        yield f"{uri}: does not begin with a PAT"


def complaints(film, path):
    master = film.fetch_master("ts.m3u8")
    if master is None:
        return
    for stream, uri in master.streams:
        rendition = film.renditions.get(uri)
        if rendition is None:
            return
        yield from attribute_complaints(film, stream, uri, rendition)
        counters = {}
        for listed, data in zip(rendition.playlist.segments, rendition.segments):
            # Whichever comes next: they go on from each to each, for each has a multiple of 16 of them.
            yield from packet_complaints(f"{uri}: {listed.uri}", data, counters)
            for pid in [pid for pid in counters if pid > 0x1000 or 0 < pid < 0x1000]:
                if counters[pid] != 15:
                    yield f"{uri}: {listed.uri}: the packets of {pid:#x} end with the counter {counters[pid]}"
        whole = film.folder / (uri.replace("/", "_") + ".ts")
        whole.write_bytes(b"".join(rendition.segments))
        yield from picture_complaints(uri, whole, path)
        base = moved_by(uri, whole, path)
        yield from sound_complaints(film, uri, whole, path, base)
        if base is not None:
            yield from cue_complaints(film, master, base - subtitles.origin(film, path))


def attribute_complaints(film, stream, uri, rendition):
    """Of the picture they are what they are beside the fragmented form."""
    yield from truth.bandwidth_complaints(uri, stream, rendition, [])
    fragmented = film.renditions.get(uri.replace("/ts/", "/"))
    if fragmented is not None and fragmented.track is not None and fragmented.track.kind == "vide":
        yield from truth.frame_rate_complaints(uri, stream, fragmented)
        yield from truth.picture_complaints(uri, stream, film.probe(fragmented))


def moved_by(uri, whole, path):
    """By how many seconds the picture is later than in the source; None: there is none, or nobody can tell."""
    streams = sources.probe(whole)["streams"]
    if not streams or streams[0]["codec_type"] != "video":
        return None
    number = int(uri.split("/")[0])
    theirs = sources.packets(path, [number], False)[number]
    moved = sources.shift_of(sources.packets(whole, [0], False, [streams[0]["codec_name"]])[0], theirs)
    return None if moved is None or sources.jumps(theirs) else float(moved[0])


def cue_complaints(film, master, zero):
    """The same subtitles as beside the fragmented form, on the clock that begins at `zero`."""
    for media in master.attributes("EXT-X-MEDIA"):
        uri = unquoted(media["URI"])
        some, ours = subtitles.gather(film.renditions[uri], zero)
        yield from some
        _, theirs = subtitles.gather(film.renditions[uri.replace("/ts/", "/")])
        apart = [max(abs(a.start - b.start), abs(a.end - b.end)) for a, b in zip(ours, theirs)]
        if [one.text for one in ours] != [one.text for one in theirs] or max(apart, default=0) > TOLERANCE:
            yield f"{uri}: {ours[:3]}, beside the fragmented form {theirs[:3]}"


def picture_complaints(uri, whole, path):
    """The picture's samples are the source's; and it decodes without a complaint that the source does not give."""
    number = int(uri.split("/")[0])
    streams = sources.probe(whole)["streams"]
    if streams and streams[0]["codec_name"] in sources.FILTERS:
        kind = streams[0]["codec_name"]
        ours = sources.packets(whole, [0], True, [kind])[0]
        theirs = hls_reader.as_sent(sources.packets(path, [number], True)[number], sources.seconds(path))
        if [p.hash for p in ours] != [p.hash for p in theirs]:
            yield f"{uri}: {len(ours)} pictures as TS are not the source's {len(theirs)}"
    said = hls_reader.new_complaints(whole, path)
    if said:
        yield f"{uri}: decoding: {said[:300]}"


def sound_complaints(film, uri, whole, path, base):
    """What can be heard is heard here as well, and when it is in the source."""
    kinds = [one["codec_type"] for one in sources.probe(whole)["streams"]]
    offered = [one for other, one in film.renditions.items() if one and one.track and one.track.kind == "soun"]
    if offered and "audio" not in kinds:
        yield f"{uri}: it has no sound, the film has"
    if kinds != ["video", "audio"] or base is None:
        return
    known = sources.probe(path)["streams"]
    sounds = [i for i, one in enumerate(known) if one["codec_type"] == "audio"]
    default = next((i for i in sounds if known[i]["disposition"]["default"]), sounds[0])
    late = sources.delay(sources.samples(whole, 1), sources.samples(path, default), base)
    if late is not None and abs(late - base) > TOLERANCE:
        yield f"{uri} ({known[default]['codec_name']}): {(late - base) * 1000:+.2f} ms against the picture"
