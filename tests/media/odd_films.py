"""Films of a structure that is rare, and easily done wrong: what ffmpeg does not write is put together here."""

import avi_writer
import films
import he_aac_writer
import hls_reader
import mkv_writer
import mp4_writer
import vc1_writer


def join_parts(path, *parts):
    """An MP4 of which the picture has one sample description for each part; the sound has one for all."""
    tracks = [mp4_writer.read(part) for part in parts]
    sound = mp4_writer.join([one[1] for one in tracks])
    sound.entries = sound.entries[:1]
    for sample in sound.samples:
        sample.entry = 1
    mp4_writer.write(path, [mp4_writer.join([one[0] for one in tracks]), sound])


def make_descriptions(folder):
    """Parts with other parameter sets, and one with another size; the first comes again."""
    shapes = {"base": [*films.X264, "-g", 50, "-bf", 2], "pyramid": films.PYRAMID,
              "larger": ["-vf", "scale=256:144", *films.PYRAMID],
              "hevc": ["-c:v", "libx265", "-preset", "ultrafast", "-tag:v", "hvc1", "-x265-params", "log-level=none:keyint=50"],
              "hevc_larger": ["-vf", "scale=256:144", "-c:v", "libx265", "-preset", "veryfast", "-tag:v", "hvc1",
                              "-x265-params", "log-level=none:keyint=50"]}
    parts = {name: folder / f".{name}.mp4" for name in shapes}
    for name, arguments in shapes.items():
        films.ffmpeg(*films.source(seconds=4), *arguments, *films.AAC, parts[name])
    h264, hevc = folder / "descriptions.mp4", folder / "descriptions_hevc.mp4"
    join_parts(h264, parts["base"], parts["pyramid"], parts["larger"], parts["base"])
    join_parts(hevc, parts["hevc"], parts["hevc_larger"])
    for part in parts.values():
        part.unlink()
    return {h264: ("plays", ""), hevc: ("plays", "")}


def make_late_sets(folder):
    """HEVC of which the header has no parameter sets (`MP4Box -add x.hevc:xps_inband=all`)."""
    base, film = folder / ".hevc.mp4", folder / "sets_in_samples.mp4"
    films.ffmpeg(*films.source(seconds=4), "-c:v", "libx265", "-preset", "ultrafast", "-tag:v", "hvc1", "-x265-params",
                 "log-level=none:keyint=25", *films.AAC, base)
    tracks = mp4_writer.read(base)
    base.unlink()
    mp4_writer.sets_in_samples(tracks[0])
    mp4_writer.write(film, tracks)
    return {film: ("plays", "")}


CHAPTERS = (("Opening", 0, False), ("Not to be seen", 1, True), ("Ending", 2, False))
EDITIONS = ((False, True, CHAPTERS), (True, True, (("Of a hidden edition", 2.5, False),)),
            (False, False, (("Of another edition", 3, False),)), (False, True, (("Of a second default edition", 3.5, False),)))


def make_matroska(folder):
    """Without cues, with wrong ones, with hidden chapters and editions; with what each picture begins with stored once; clusters of which
    nobody knows how long they are; several frames of sound to a block."""
    base = folder / ".base.mp4"
    films.ffmpeg(*films.source(seconds=4), *films.X264, "-g", 25, "-bf", 2, *films.AAC, base)
    tracks, privates = mp4_writer.read(base), [mp4_writer.configuration(base, kind) for kind in (b"avcC", b"esds")]
    base.unlink()
    made = {}
    for name, options in {"stripped_headers.mkv": {"strip": b"\0\0", "editions": EDITIONS}, "no_cues.mkv": {"cues": "none"},
                          "wrong_cues.mkv": {"cues": "wrong"}, "unknown_sizes.mkv": {"cues": "none", "live": True},
                          "xiph_lacing.mkv": {"lacing": "xiph"}, "ebml_lacing.mkv": {"lacing": "ebml"}}.items():
        mkv_writer.write(folder / name, tracks, privates, **options)
        made[folder / name] = ("plays", "")
    return made | make_fixed_lacing(folder)


def make_fixed_lacing(folder):
    """Frames of one size, as AC-3 has them, of which a block tells only the number."""
    base, film = folder / ".ac3.mp4", folder / "fixed_lacing.mkv"
    films.ffmpeg(*films.source(seconds=4), *films.X264, "-g", 25, "-bf", 2, "-c:a", "ac3", "-ar", 48000, base)
    mkv_writer.write(film, mp4_writer.read(base), [mp4_writer.configuration(base, b"avcC"), b""], lacing="fixed", sound="A_AC3")
    base.unlink()
    return {film: ("plays", "")}


def make_late_sync(folder):
    """An MP4 whose first sample at which a decoder may begin (stss) is the eleventh."""
    base, film = folder / ".late.mp4", folder / "late_sync.mp4"
    films.ffmpeg(*films.source(seconds=4), *films.X264, "-g", 25, "-bf", 2, *films.AAC, base)
    picture, sound = mp4_writer.read(base)
    base.unlink()
    following = [number for number, sample in enumerate(picture.samples) if sample.sync][1]
    picture.samples = picture.samples[following - 10:]
    mp4_writer.write(film, [picture, sound])
    return {film: ("plays", "")}


def make_streams(folder):
    """A clock that wraps after two seconds (33 bits of 90 kHz), and AAC framed as LATM."""
    source = [*films.source(seconds=5), *films.X264, "-g", 25, "-bf", 2, *films.AAC]
    wrap, latm = folder / "wrap.ts", folder / "latm.ts"
    films.ffmpeg(*source, "-output_ts_offset", 95441.7, wrap)
    films.ffmpeg(*source, "-mpegts_flags", "latm", latm)
    return {wrap: ("plays", ""), latm: ("transcoded", "")}


def make_implicit(folder):
    """HE-AAC of which neither the container nor a header tells."""
    core, sound = folder / ".core.aac", folder / "implicit_he.aac"
    films.ffmpeg("-f", "lavfi", "-i", "aevalsrc=exprs='0.4*sin(2*PI*(150*t+40*t*t))':channel_layout=stereo:sample_rate=24000:"
                 "duration=8", "-c:a", "aac", "-flags", "+bitexact", core)
    he_aac_writer.convert(core, sound)
    core.unlink()
    made = {sound: ("plays", "")}
    for name in ("implicit_he.mp4", "implicit_he.mkv", "implicit_he.ts"):
        films.ffmpeg("-f", "lavfi", "-i", films.PICTURE.format(rate=25, seconds=8), "-i", sound, *films.X264, "-g", 50, "-c:a", "copy",
                     folder / name)
        made[folder / name] = ("plays", "")
    return made


def make_vc1(folder):
    """VC-1 of both profiles, with sound."""
    advanced, simple = folder / ".advanced.vc1", folder / ".simple.rcv"
    vc1_writer.write_advanced(advanced, 8)
    vc1_writer.write_simple(simple, 8)
    made = {}
    for name, source, reason in (("vc1.wmv", advanced, "VC-1"), ("wmv3.wmv", simple, "Windows Media Video 9"), ("wmv3.avi", simple, "Windows Media Video 9")):
        films.ffmpeg("-i", source, *films.sound(seconds=8), "-map", "0:v", "-map", "1:a", "-c:v", "copy", "-c:a", "ac3",
                     folder / name)
        made[folder / name] = ("variant", f"The video is {reason}")
    for source in (advanced, simple):
        source.unlink()
    return made


def make_packed(folder):
    """DivX with packed B pictures; returns its chunks. No packet has a time, so it is none of make_all()."""
    plain, packed = folder / ".plain.avi", folder / "packed.avi"
    films.ffmpeg(*films.source(seconds=4, sounds=0), "-c:v", "mpeg4", "-bf", 1, "-g", 24, plain)
    found = list(avi_writer.pictures(plain))
    plain.unlink()
    chunks = avi_writer.pack(found, 25)
    keys = {number for number, (kind, _) in enumerate(found) if kind == "I"}
    avi_writer.write(packed, chunks, keys, (192, 108), 25)
    return packed, chunks


LATE = 12  # seconds, at 5 Mbit/s: more than libavformat looks at


def make_late_sound(folder):
    """MPEG-TS whose sounds begin late: named in its table from the start, or only then and not at its end, which
    libavformat looks at as well. Returns name → path, and the sounds."""
    picture, sounds = folder / ".picture.mp4", [folder / ".sound_aac.mp4", folder / ".sound_ac3.mp4"]
    films.ffmpeg(*films.source(seconds=20, sounds=0), *films.X264, "-g", 25, picture)
    for sound, codec in zip(sounds, ("aac", "ac3")):
        films.ffmpeg(*films.sound(seconds=7, hertz=48000), "-ac", 2, "-c:a", codec, sound)
    both = [argument for sound in sounds for argument in ("-itsoffset", LATE, "-i", sound)]
    maps = ["-map", "0:v", "-map", "1:a", "-map", "2:a", "-c", "copy"]
    named, appearing = folder / "named_sound.ts", folder / "appearing_sound.ts"
    parts = [folder / f".{name}.ts" for name in ("first", "middle", "last")]
    films.ffmpeg("-i", picture, *both, *maps, named)
    films.ffmpeg("-t", LATE, "-i", picture, "-c", "copy", "-muxrate", "5M", parts[0])
    films.ffmpeg("-ss", LATE, "-itsoffset", LATE, "-i", picture, *both, *maps, parts[1])
    films.ffmpeg("-itsoffset", 20, "-i", picture, "-c", "copy", parts[2])
    appearing.write_bytes(b"".join(part.read_bytes() for part in parts))
    return {"named": named, "appearing": appearing}, sounds


def make_late_key(folder):
    """MPEG-TS cut two seconds into groups of pictures of ten: libavformat gives up before it comes to their parameters. So does
    ffprobe, whose word conformance takes: they are none of make_all()."""
    made = {}
    for name, codec in (("h264", [*films.X264, "-bf", 2, "-g", 250]),
                        ("hevc", ["-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=none:keyint=250:open-gop=0"])):
        whole, film = folder / f".{name}.ts", folder / f"late_key_{name}.ts"
        films.ffmpeg(*films.source(seconds=22), *codec, "-sc_threshold", 0, *films.AAC, whole)
        stream = whole.read_bytes()
        begin = next(int(packet["pos"]) for packet in hls_reader.probe(whole, "packet=pts_time,pos")["packets"]
                     if float(packet["pts_time"]) > 3.5)  # FFmpeg's clocks begin at 1.4 s
        film.write_bytes(stream[begin:])
        whole.unlink()
        made[film] = ("plays", "")
    return made


def make_all(folder):
    """As films.make_all()."""
    return (make_descriptions(folder) | make_late_sets(folder) | make_late_sync(folder) | make_matroska(folder) | make_streams(folder)
            | make_implicit(folder) | make_vc1(folder))
