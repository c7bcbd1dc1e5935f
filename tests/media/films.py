"""Films to package: made here with ffmpeg, each for one thing that is easily done wrong."""

import subprocess

PICTURE = "testsrc2=size=192x108:rate={rate}:duration={seconds}"
SOUND = "sine=frequency=440:beep_factor=4:sample_rate={hertz}:duration={seconds}"
X264 = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"]
PYRAMID = ["-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p", "-bf", "5", "-b_strategy", "2",
           "-x264-params", "b-pyramid=normal:keyint=48:scenecut=0"]
OPEN_GOPS = [*X264, "-bf", 3, "-x264-params", "open-gop=1:keyint=50:scenecut=0"]
AAC = ["-c:a", "aac", "-b:a", "64k"]
TS_PACKET = 188


def ffmpeg(*arguments):
    subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-y", *map(str, arguments)], check=True)


def major_version():
    text = subprocess.run(["ffmpeg", "-version"], capture_output=True, text=True, check=True).stdout
    return int(text.split()[2].split(".")[0].lstrip("n"))


def source(seconds=13, rate=25, hertz=48000, sounds=1):
    inputs = ["-f", "lavfi", "-i", PICTURE.format(rate=rate, seconds=seconds)]
    for _ in range(sounds):
        inputs += ["-f", "lavfi", "-i", SOUND.format(hertz=hertz, seconds=seconds)]
    maps = ["-map", "0:v"]
    for number in range(sounds):
        maps += ["-map", f"{number + 1}:a"]
    return inputs + maps


def sound(seconds=14, hertz=44100):
    return ["-f", "lavfi", "-i", SOUND.format(hertz=hertz, seconds=seconds)]


def make_all(folder):
    """Makes every film; returns path → what becomes of it and, where it does not play, a part of the reason."""
    made = {}

    def film(name, *arguments, outcome="plays", reason=""):
        path = folder / name
        ffmpeg(*arguments, path)
        made[path] = (outcome, reason)
        return path

    plain = film("pyramid_faststart.mp4", *source(), *PYRAMID, *AAC, "-movflags", "+faststart")
    film("moov_at_end_44100.mp4", *source(rate="30000/1001", hertz=44100), *X264, "-g", 60, *AAC)
    film("irregular_gops.mp4", *source(seconds=20), *PYRAMID, *AAC,
         "-force_key_frames", "0,0.4,0.5,3.3,3.36,9.7,15,19.8", "-x264-params", "keyint=400:scenecut=0:bframes=3")
    film("fragmented.mp4", "-i", plain, "-map", "0", "-c", "copy", "-movflags", "frag_keyframe+empty_moov+default_base_moof")
    film("fragmented_delay_moov.mp4", "-i", plain, "-map", "0", "-c", "copy", "-movflags", "frag_keyframe+delay_moov")
    film("negative_offsets.mp4", "-i", plain, "-map", "0", "-c", "copy", "-movflags", "negative_cts_offsets")
    film("no_edit_list.mp4", "-i", plain, "-map", "0", "-c", "copy", "-use_editlist", 0)
    film("cut_by_copy.mp4", "-ss", 3.3, "-i", plain, "-map", "0", "-c", "copy")
    film("late_sound.mp4", "-i", plain, "-itsoffset", 1.7, "-i", plain, "-map", "0:v", "-map", "1:a", "-c", "copy")
    film("sound_for_a_while.mkv", "-i", plain, "-itsoffset", 4, "-t", 4, "-i", plain, "-map", "0:v", "-map", "1:a",
         "-c:v", "copy", "-c:a", "ac3")
    for name, seconds, heard in (("one_picture.mkv", 0.04, 4), ("sound_outlasts.mp4", 4.2, 20), ("picture_outlasts.mkv", 20, 6)):
        film(name, "-f", "lavfi", "-i", PICTURE.format(rate=25, seconds=seconds), *sound(heard, 48000), *PYRAMID, *AAC)
    film("late_picture.mp4", "-i", plain, "-itsoffset", 0.73, "-i", plain, "-map", "1:v", "-map", "0:a", "-c", "copy")
    film("starts_at_ten.mp4", "-itsoffset", 10, "-i", plain, "-map", "0", "-c", "copy", "-copyts")
    turn = ["-display_rotation:v:0", 90] if major_version() >= 6 else []
    film("rotated.mp4", *turn, "-i", plain, "-map", "0", "-c", "copy",
         *([] if turn else ["-metadata:s:v:0", "rotate=90"]))
    film("quicktime.mov", "-i", plain, "-map", "0", "-c", "copy")
    film("pyramid.mkv", "-i", plain, "-map", "0", "-c", "copy")
    film("two_languages.mkv", *source(sounds=2), *PYRAMID, *AAC, "-metadata:s:a:0", "language=eng",
         "-metadata:s:a:1", "language=ger", "-metadata:s:a:1", "title=Kommentar", "-disposition:a:0", "0",
         "-disposition:a:1", "default")
    variable = ["-vf", "select='not(mod(n,2))+not(mod(n,7))',setpts=PTS+0.011*mod(N\\,3)/TB", "-vsync", "vfr"]
    film("variable_rate.mp4", *source(), *variable, *PYRAMID, *AAC)
    film("variable_rate.mkv", *source(), *variable, *PYRAMID, *AAC)
    film("open_gop.mp4", *source(seconds=30), *OPEN_GOPS, *AAC)
    film("anamorphic.mp4", *source(seconds=5), *X264, "-aspect", "4:3", "-colorspace", "bt709", "-color_primaries",
         "bt709", "-color_trc", "bt709", *AAC)
    film("hevc_closed.mp4", *source(seconds=9), "-c:v", "libx265", "-preset", "ultrafast", "-x265-params",
         "log-level=none:keyint=50:open-gop=0:bframes=3", *AAC)
    film("hevc_open.mkv", *source(seconds=9), "-c:v", "libx265", "-preset", "ultrafast", "-x265-params",
         "log-level=none:keyint=50:min-keyint=50:open-gop=1:bframes=3:scenecut=0", *AAC)
    film("vp9_opus.webm", *source(seconds=9), "-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", 8, "-g", 40,
         "-auto-alt-ref", 1, "-lag-in-frames", 10, "-c:a", "libopus")
    film("vp9_opus.mp4", "-i", folder / "vp9_opus.webm", "-map", "0", "-c", "copy")
    film("av1_opus.mkv", *source(seconds=6), "-c:v", "libsvtav1", "-preset", 12, "-g", 50, "-c:a", "libopus")
    film("av1_aac.mp4", "-i", folder / "av1_opus.mkv", "-map", "0", "-c:v", "copy", *AAC)
    film("mp3.mp4", *source(seconds=7), *X264, "-g", 50, "-c:a", "libmp3lame")
    film("mp3.mkv", *source(seconds=7, hertz=22050), *X264, "-g", 50, "-c:a", "libmp3lame")
    film("flac.mp4", *source(seconds=7), *X264, "-g", 50, "-c:a", "flac", "-strict", "-2")
    film("flac_96k.mkv", *source(seconds=7, hertz=96000), *X264, "-g", 50, "-c:a", "flac")
    film("sound_only.m4a", *sound(), *AAC)
    film("sound_only.mka", *sound(hertz=48000), "-c:a", "libopus")
    film("picture_only.mp4", *source(sounds=0), *PYRAMID)
    short = source(seconds=5)
    film("ac3.mkv", *short, *X264, "-c:a", "ac3")
    film("ac3.mp4", *short, *X264, "-c:a", "ac3")
    film("eac3.mkv", *short, *X264, "-c:a", "eac3")
    film("eac3.mp4", "-i", folder / "eac3.mkv", "-c", "copy")
    film("alac.m4a", *sound(), "-c:a", "alac")
    film("alac.mkv", *short, *X264, "-c:a", "alac")
    film("dts.mkv", *short, *X264, "-ac", 2, "-c:a", "dca", "-strict", "-2")
    film("vorbis.mkv", *short, *X264, "-c:a", "libvorbis", outcome="transcoded")
    film("pcm.mov", *short, *X264, "-c:a", "pcm_s16le", outcome="transcoded")
    film("pcm_24.mkv", *short, *X264, "-c:a", "pcm_s24le", outcome="transcoded")
    film("mp2.mkv", *short, *X264, "-c:a", "mp2", outcome="transcoded")
    film("mpeg2.mp4", *short, "-c:v", "mpeg2video", *AAC, outcome="variant", reason="The video is MPEG-2")
    film("vp8.webm", *short, "-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", 8, "-c:a", "libopus")
    film("sound.flac", *sound(seconds=20), "-c:a", "flac")
    film("sound.mp3", *sound(seconds=20), "-c:a", "libmp3lame")
    film("sound.wav", *sound(seconds=20), "-c:a", "pcm_s16le", outcome="transcoded")
    film("pyramid.ts", "-i", plain, "-map", "0", "-c", "copy")
    film("hevc_open.ts", "-i", folder / "hevc_open.mkv", "-map", "0", "-c", "copy")
    film("ac3.ts", "-i", folder / "ac3.mkv", "-map", "0", "-c", "copy")
    film("eac3.ts", "-i", folder / "eac3.mkv", "-map", "0", "-c", "copy")
    film("mp3.ts", "-i", folder / "mp3.mp4", "-map", "0", "-c", "copy")
    film("late.m2ts", "-i", folder / "late_sound.mp4", "-map", "0", "-c", "copy", "-mpegts_m2ts_mode", 1)
    film("two_languages.ts", "-i", folder / "two_languages.mkv", "-map", "0", "-c", "copy")
    film("mpeg2.ts", *short, "-c:v", "mpeg2video", "-bf", 2, "-c:a", "mp2", outcome="variant", reason="The video is MPEG-2")
    film("dvd.vob", *source(seconds=9), "-target", "pal-dvd", outcome="variant", reason="The video is MPEG-2")
    film("h264.vob", *short, *X264, "-g", 25, "-c:a", "ac3", "-f", "vob")
    film("h264_mp3.avi", *short, *X264, "-g", 25, "-c:a", "libmp3lame")
    film("h264_aac.flv", *source(seconds=9), *PYRAMID, *AAC)
    film("mp3.flv", *source(seconds=9, hertz=44100), *X264, "-c:a", "libmp3lame")
    film("old.flv", *source(seconds=9, hertz=44100), "-c:v", "flv", "-c:a", "libmp3lame", outcome="variant",
         reason="The video is Sorenson Spark")
    film("mpeg4.avi", *short, "-c:v", "mpeg4", "-bf", 2, "-c:a", "libmp3lame", outcome="variant",
         reason="The video is MPEG-4 Part 2")
    film("mjpeg.avi", *short, "-c:v", "mjpeg", "-pix_fmt", "yuvj420p", "-c:a", "pcm_s16le", outcome="variant",
         reason="The video is Motion JPEG")
    film("theora.ogv", *short, "-c:v", "libtheora", "-c:a", "libvorbis", outcome="variant", reason="The video is Theora")
    film("sound.opus", *sound(seconds=20, hertz=48000), "-c:a", "libopus")
    film("sound.ogg", *sound(seconds=20), "-c:a", "libvorbis", outcome="transcoded")
    film("flac.oga", *sound(seconds=20), "-c:a", "flac")
    film("windows.wmv", *short, "-c:v", "wmv2", "-c:a", "wmav2", outcome="variant",
         reason="The video is Windows Media Video 8")
    film("sound.aac", *sound(seconds=20), *AAC)
    film("sound.ac3", *sound(seconds=20, hertz=48000), "-c:a", "ac3")
    film("sound.aiff", *sound(seconds=20), "-c:a", "pcm_s16be", outcome="transcoded")
    # Their segment is of unknown size; such clusters are in odd_films.py.
    film("live.webm", "-i", folder / "vp9_opus.webm", "-map", "0", "-c", "copy", "-live", 1)
    film("live.mkv", "-i", plain, "-map", "0", "-c", "copy", "-live", 1)
    film("hev1.mp4", "-i", folder / "hevc_closed.mp4", "-map", "0", "-c", "copy", "-tag:v", "hev1")
    film("slices.ts", *short, *X264, "-g", 25, "-slices", 4, *AAC)
    film("interlaced.ts", *short, *X264, "-g", 25, "-flags", "+ildct+ilme", *AAC)
    twice = folder / "twice.ts"  # its clock jumps back
    twice.write_bytes(2 * (folder / "pyramid.ts").read_bytes())
    made[twice] = ("plays", "")
    cut = folder / "cut_in_a_group.ts"  # neither a key frame nor parameter sets before its first pictures
    stream = (folder / "pyramid.ts").read_bytes()
    cut.write_bytes(stream[len(stream) * 2 // 5 // TS_PACKET * TS_PACKET:])
    made[cut] = ("plays", "")
    film("encrypted.mp4", *short, *X264, *AAC, "-encryption_scheme", "cenc-aes-ctr", "-encryption_key", 16 * "01",
         "-encryption_kid", 16 * "02", outcome="refused", reason="The video is encrypted.")
    film("mislabelled.mp4", "-i", plain, "-map", "0", "-c", "copy", "-f", "mpegts")
    film("vc1_like.wmv", *short, "-c:v", "msmpeg4", "-c:a", "wmav1", outcome="variant", reason="The video is Microsoft MPEG-4")
    film("prores.mov", *short, "-c:v", "prores", "-c:a", "pcm_s24le", outcome="variant", reason="The video is ProRes")
    film("sound.w64", *sound(seconds=5), "-c:a", "pcm_s24le", outcome="transcoded")
    film("sound.caf", *sound(seconds=5), "-c:a", "alac")
    film("sound.wv", *sound(seconds=5), "-c:a", "wavpack", outcome="transcoded")
    film("truehd.mkv", *short, *X264, "-c:a", "truehd", "-strict", "-2", outcome="transcoded")
    film("adpcm.wav", *sound(seconds=5), "-c:a", "adpcm_ms", outcome="transcoded")
    film("yamaha.avi", *short, *X264, "-c:a", "adpcm_yamaha", outcome="transcoded")
    film("g722.wav", *sound(seconds=5, hertz=16000), "-c:a", "g722", outcome="transcoded")
    film("g726.wav", *sound(seconds=5, hertz=8000), "-c:a", "g726", outcome="transcoded")
    film("g723_1.wav", *sound(seconds=5, hertz=8000), "-c:a", "g723_1", "-b:a", 6300, outcome="transcoded")
    film("gsm.mov", *sound(seconds=5, hertz=8000), "-c:a", "libgsm", outcome="transcoded")
    film("broadcast.ts", *short, *X264, "-ac", 2, "-c:a", "s302m", "-strict", "-2", outcome="transcoded")
    return made
