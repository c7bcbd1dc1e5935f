"""Damaged films, made from whole ones by a seed: cut short at every kind of place, and with bits turned over."""

import itertools
import random
import re
import subprocess

PICTURE = ("-f", "lavfi", "-i", "testsrc2=size=160x90:rate=25:duration=3")
SOUND = ("-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000:duration=3")
X264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "25", "-bf", "2")
AAC = ("-c:a", "aac", "-b:a", "48k")

# Name → how ffmpeg makes it, and the kinds of place in it, told by the bytes that begin them.
FILMS = {
    "faststart.mp4": ((*X264, *AAC, "-movflags", "+faststart"), (b"ftyp", b"moov", b"trak", b"stsd", b"stts", b"stsz", b"mdat")),
    "moov_last.mov": ((*X264, *AAC), (b"mdat", b"moov", b"stco")),
    "fragmented.mp4": ((*X264, *AAC, "-movflags", "frag_keyframe+empty_moov+default_base_moof"), (b"moof", b"tfhd", b"trun", b"mfra")),
    "film.mkv": ((*X264, *AAC, "-c:s", "srt"), (b"\x1a\x45\xdf\xa3", b"\x15\x49\xa9\x66", b"\x16\x54\xae\x6b", b"\x1f\x43\xb6\x75",
                                               b"\x1c\x53\xbb\x6b")),
    "film.webm": (("-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-c:a", "libopus"),
                  (b"\x1a\x45\xdf\xa3", b"\x1f\x43\xb6\x75")),
    "film.ts": ((*X264, *AAC), (b"G@\x00", b"G@\x10", b"GA\x00")),
    "film.mpg": (("-c:v", "mpeg2video", "-c:a", "mp2", "-f", "vob"), (b"\0\0\1\xba", b"\0\0\1\xe0", b"\0\0\1\xc0")),
    "film.avi": (("-c:v", "mpeg4", "-bf", "2", "-c:a", "libmp3lame"), (b"hdrl", b"strf", b"movi", b"00dc", b"idx1")),
    "film.flv": ((*X264, *AAC), (b"FLV\x01", b"onMetaData", b"\x09\x00")),
    "film.asf": (("-c:v", "wmv2", "-c:a", "wmav2"), (b"\x30\x26\xb2\x75", b"\x36\x26\xb2\x75")),
    "film.ogv": (("-c:v", "libtheora", "-c:a", "libvorbis"), (b"OggS", b"\x81theora", b"\x05vorbis")),
    "ac3.mkv": ((*X264, "-c:a", "ac3"), (b"\x1f\x43\xb6\x75",)),
}


def make_whole(folder):
    """Name → bytes."""
    whole = {}
    for name, (arguments, _) in FILMS.items():
        path = folder / name
        text = folder / "text.srt"
        text.write_text("1\n00:00:00,500 --> 00:00:02,000\nText\n")
        inputs = [*PICTURE, *SOUND, *(("-i", str(text)) if "-c:s" in arguments else ())]
        maps = ["-map", "0:v", "-map", "1:a", *(("-map", "2:s") if "-c:s" in arguments else ())]
        subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-y", *inputs, *maps, *arguments, str(path)], check=True)
        whole[name] = path.read_bytes()
    return whole


def _places(content, marks):
    """(what, offset) of where each kind of place first begins, and of one in the middle of the file."""
    for mark in marks:
        found = [match.start() for match in re.finditer(re.escape(mark), content)]
        for at in dict.fromkeys(found[:1] + found[len(found) // 2:len(found) // 2 + 1]):
            yield mark, at


def cuts(name, content):
    """(what was done, bytes): within the first bytes of each kind of place, and further in it."""
    for mark, at in _places(content, FILMS[name][1]):
        label = re.sub(r"[^A-Za-z0-9]", "", mark.decode("latin-1")) or mark.hex()
        for further in (2, 40):
            if 0 < at + further < len(content):
                yield f"cut in {label} {at + further}", content[:at + further]


def flips(content, random_source, where):
    """Some bits turned over, in the first tenth ("head"), the last ("tail") or anywhere."""
    size = len(content)
    least, most = {"head": (4, max(5, size // 10)), "tail": (size * 9 // 10, size), "all": (0, size)}[where]
    damaged = bytearray(content)
    for _ in range(random_source.choice((1, 3, 20))):
        damaged[random_source.randrange(least, most)] ^= 1 << random_source.randrange(8)
    return bytes(damaged)


def make_damaged(folder, count, seed=4):
    """`count` damaged films of all kinds; name → what was done to it."""
    random_source = random.Random(seed)
    groups = []
    for name, content in make_whole(folder).items():
        short = [(name, what, damaged) for what, damaged in cuts(name, content)]
        random_source.shuffle(short)
        turned = []
        for number in range(count // len(FILMS) + 1):
            where = ("head", "all", "tail")[number % 3]
            turned.append((name, f"bits turned in {where} {number}", flips(content, random_source, where)))
        # One of each in turn, the last of the list first.
        groups.append([one for pair in itertools.zip_longest(turned, short) for one in pair if one][::-1])
    # Every container has its share, whatever the count.
    chosen = []
    while len(chosen) < count:
        for some in groups:
            if some and len(chosen) < count:
                chosen.append(some.pop())
    result = {}
    for number, (name, what, damaged) in enumerate(chosen):
        stem, suffix = name.rsplit(".", 1)
        path = folder / f"Damaged {number:03d} {stem} {suffix} {re.sub(r'[^A-Za-z0-9 ]', '', what)}.{suffix}"
        path.write_bytes(damaged)
        result[path] = f"{name}: {what}"
    return result
