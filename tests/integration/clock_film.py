"""A film whose picture flashes white exactly when a beep sounds, each second; and what a player's output says of both."""

import re
import subprocess

from carrel import settle

# A beep blurs into the silence before it by what an encoder's window is long; a picture lasts 40 ms.
TOLERANCE = 0.02
FLASH = 0.1
PICTURE = f"color=black:s=320x180:r=25:d={{seconds}},drawbox=color=white:t=fill:enable='lt(mod(t,1),{FLASH})'"
SOUND = f"aevalsrc='0.8*sin(2*PI*1000*t)*lt(mod(t,1),{FLASH})':s=48000:d={{seconds}}"


def make(path, seconds, *, video=("-c:v", "libx264", "-preset", "ultrafast", "-bf", "2", "-g", "50"),
         audio=("-c:a", "aac", "-b:a", "96k"), extra=()):
    subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-y", "-f", "lavfi", "-i", PICTURE.format(seconds=seconds), "-f", "lavfi",
                    "-i", SOUND.format(seconds=seconds), *video, "-pix_fmt", "yuv420p", *audio, *extra, str(path)], check=True)
    settle(path)
    return path


def onsets(values, threshold):
    """Times at which (time, level) goes over the threshold, coming from below."""
    above, found = True, []  # what is there at the beginning did not begin
    for time, level in values:
        if level > threshold and not above:
            found.append(time)
        above = level > threshold
    return found


def offsets(flashes, beeps):
    """How much later each beep is than its flash; a beep without a flash is none of a second's."""
    pairs = [(flash, min(beeps, key=lambda beep: abs(beep - flash))) for flash in flashes if beeps]
    return [beep - flash for flash, beep in pairs]


def by_ffmpeg(source, *options):
    """(flashes, beeps) of what ffmpeg decodes, on the stream's own clock."""
    pictures, beeps = decoded_by_ffmpeg(source, *options)
    return onsets(pictures, 128), beeps


def decoded_by_ffmpeg(source, *options):
    """Each picture's (time, brightness), and the beeps."""
    done = subprocess.run(
        ["ffmpeg", "-v", "info", "-nostats", "-nostdin", "-copyts", *options, "-i", source, "-map", "0:v:0", "-vf",
         "scale=8:8,signalstats,metadata=print:key=lavfi.signalstats.YAVG:file=-", "-f", "null", "/dev/null", "-map", "0:a:0", "-af",
         "silencedetect=noise=-20dB:d=0.3", "-f", "null", "/dev/null"], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr[-2000:]
    pictures = [(float(time), float(level)) for time, level in
                re.findall(r"pts_time:([\d.]+)\s*\nlavfi\.signalstats\.YAVG=([\d.]+)", done.stdout)]
    beeps = [float(time) for time in re.findall(r"silence_end: ([\d.]+)", done.stderr)]
    return pictures, beeps
