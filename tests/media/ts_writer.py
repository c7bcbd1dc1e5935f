"""Transport streams as recorders make them, of what ffmpeg writes."""

import hashlib

import films

FIRST_STREAM = 0x100  # PID, of those that ffmpeg gives streams


def encrypt(content, begin=0, end=None, pids=range(FIRST_STREAM, 0x1000)):
    """The streams' packets from `begin` to before `end`, parts of the whole, as a receiver without a key records them."""
    stream = bytearray(content)
    end = 1 if end is None else end
    for at in range(0, len(stream), films.TS_PACKET):
        packet = stream[at:at + films.TS_PACKET]
        pid = (packet[1] & 0x1f) << 8 | packet[2]
        if pid not in pids or not begin * len(stream) <= at < end * len(stream):
            continue
        head = 4 + (1 + packet[4] if packet[3] & 0x20 else 0)
        packet[3] |= 0x80
        packet[head:] = hashlib.shake_128(at.to_bytes(8, "big")).digest(films.TS_PACKET - head)
        stream[at:at + films.TS_PACKET] = packet
    return bytes(stream)


def make_programmes(folder):
    """Two pictures with a sound each, in two programmes and in one; and one programme whose streams get other PIDs in the middle,
    all of them, or the sound alone. Returns name → path."""
    codecs = [*films.X264, "-g", 25, *films.AAC]
    both = ["-map", "0:v", "-map", "1:a", "-map", "2:v", "-map", "3:a", *codecs]
    inputs = [argument for argument in films.source(seconds=4) if argument not in ("-map", "0:v", "1:a")]
    made = {name: folder / f"{name}.ts" for name in ("two_programmes", "other_pids", "other_sound_pid", "one_programme")}
    films.ffmpeg(*inputs, *inputs, *both, "-program", "st=0:st=1", "-program", "st=2:st=3", made["two_programmes"])
    films.ffmpeg(*inputs, *inputs, *both, made["one_programme"])
    for name, later in (("other_pids", (512, 513)), ("other_sound_pid", (256, 513))):
        parts = []
        for number, pids in enumerate(((256, 257), later)):
            part = folder / f".{number}.ts"
            films.ffmpeg(*films.source(seconds=4), *codecs, "-streamid", f"0:{pids[0]}", "-streamid", f"1:{pids[1]}",
                         "-output_ts_offset", 4 * number, part)
            parts.append(part.read_bytes())
            part.unlink()
        made[name].write_bytes(b"".join(parts))
    return made
