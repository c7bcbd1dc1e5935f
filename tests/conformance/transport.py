"""MPEG-TS segments for old players: packets, continuity, and the source's samples in them."""

import hls_reader
import hls_rules
import hls_text
import sources

PACKET = 188


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
    body = film.get("ts.m3u8")
    if body is None:
        return
    some = hls_rules.check_master(body)
    yield from (f"ts.m3u8: {one}" for one in some)
    if some:
        return
    for _, uri in hls_text.parse(body).streams:
        rendition = film.fetch_rendition(uri)
        if rendition is None:
            return
        for listed, data in zip(rendition.playlist.segments, rendition.segments):
            # Each may be played alone: counters are held within a segment only.
            yield from packet_complaints(f"{uri}: {listed.uri}", data, {})
        whole = film.folder / (uri.replace("/", "_") + ".ts")
        whole.write_bytes(b"".join(rendition.segments))
        yield from sample_complaints(uri, whole, path)


def sample_complaints(uri, whole, path):
    """The picture's samples are the source's; and it decodes without a complaint that the source does not give."""
    number = int(uri.split("/")[0])
    streams = sources.probe(whole)["streams"]
    if not streams or streams[0]["codec_name"] not in sources.FILTERS:
        return
    kind = streams[0]["codec_name"]
    ours = sources.packets(whole, [0], True, [kind])[0]
    theirs = sources.packets(path, [number], True)[number]
    if [p.hash for p in ours] != [p.hash for p in theirs]:
        yield f"{uri}: {len(ours)} pictures as TS are not the source's {len(theirs)}"
    said = hls_reader.decode_complaints(whole)
    if said and not hls_reader.decode_complaints(path):
        yield f"{uri}: decoding: {said[:300]}"
