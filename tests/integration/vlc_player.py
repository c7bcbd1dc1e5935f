"""VLC's library plays an address and tells when it shows each picture, and when each sound is to be heard, on its own clock.

vlc_player.py URL SECONDS [SEEK…]: from the start, and then after each seek, for so many seconds."""

import ctypes
import ctypes.util
import json
import sys
import threading

RATE = 48000
WIDTH, HEIGHT = 64, 36
BLOCK = 48  # sounds are told in steps of a millisecond
POINTER, INT64 = ctypes.c_void_p, ctypes.c_int64

LOCK = ctypes.CFUNCTYPE(POINTER, POINTER, ctypes.POINTER(POINTER))
DISPLAY = ctypes.CFUNCTYPE(None, POINTER, POINTER)
PLAY = ctypes.CFUNCTYPE(None, POINTER, POINTER, ctypes.c_uint, INT64)
FLUSH = ctypes.CFUNCTYPE(None, POINTER, INT64)


def library():
    vlc = ctypes.CDLL(ctypes.util.find_library("vlc"))
    for name, result, *arguments in (
            ("new", POINTER, ctypes.c_int, POINTER), ("media_new_location", POINTER, POINTER, ctypes.c_char_p),
            ("media_player_new_from_media", POINTER, POINTER), ("clock", INT64),
            ("media_player_play", ctypes.c_int, POINTER), ("media_player_stop", None, POINTER),
            ("media_player_set_time", None, POINTER, INT64), ("media_player_get_state", ctypes.c_int, POINTER),
            ("video_set_callbacks", None, POINTER, LOCK, POINTER, DISPLAY, POINTER),
            ("video_set_format", None, POINTER, ctypes.c_char_p, ctypes.c_uint, ctypes.c_uint, ctypes.c_uint),
            ("audio_set_callbacks", None, POINTER, PLAY, POINTER, POINTER, FLUSH, POINTER, POINTER),
            ("audio_set_format", None, POINTER, ctypes.c_char_p, ctypes.c_uint, ctypes.c_uint)):
        function = getattr(vlc, "libvlc_" + name)
        function.restype, function.argtypes = result, arguments
    return vlc


class Player:
    def __init__(self, url):
        self.vlc = library()
        options = (ctypes.c_char_p * 3)(b"--no-lua", b"--quiet", b"--no-video-title-show")
        core = self.vlc.libvlc_new(3, options)
        media = self.vlc.libvlc_media_new_location(core, url.encode())
        self.player = self.vlc.libvlc_media_player_new_from_media(media)
        self.pixels = (ctypes.c_uint8 * (WIDTH * HEIGHT * 4))()
        self.picture, self.sound, self.shown, self.flushed = [], [], threading.Event(), threading.Event()
        self.callbacks = (LOCK(self.lock), DISPLAY(self.display), PLAY(self.play), FLUSH(self.flush))
        lock, display, play, flush = self.callbacks
        self.vlc.libvlc_video_set_callbacks(self.player, lock, None, display, None)
        self.vlc.libvlc_video_set_format(self.player, b"RV32", WIDTH, HEIGHT, WIDTH * 4)
        self.vlc.libvlc_audio_set_callbacks(self.player, play, None, None, flush, None, None)
        self.vlc.libvlc_audio_set_format(self.player, b"S16N", RATE, 1)

    def lock(self, _, planes):
        planes[0] = ctypes.addressof(self.pixels)
        return None

    def display(self, _, __):
        # The middle: what is drawn over the picture's edges does not matter.
        self.picture.append((self.vlc.libvlc_clock() / 1e6, self.pixels[(HEIGHT // 2 * WIDTH + WIDTH // 2) * 4]))
        self.shown.set()

    def play(self, _, samples, count, pts):
        values = ctypes.cast(samples, ctypes.POINTER(ctypes.c_int16))
        for begin in range(0, count, BLOCK):
            loudest = max(abs(values[i]) for i in range(begin, min(begin + BLOCK, count)))
            self.sound.append((pts / 1e6 + begin / RATE, loudest))

    def flush(self, _, __):
        """What was to be heard later is not."""
        now = self.vlc.libvlc_clock() / 1e6
        self.sound = [(time, level) for time, level in self.sound if time < now]
        self.flushed.set()

    def seek(self, seconds):
        """Until nothing of before it is played any more."""
        self.flushed.clear()
        self.vlc.libvlc_media_player_set_time(self.player, int(seconds * 1000))
        self.await_event(self.flushed, "end of what was played before the seek")

    def await_event(self, event, what):
        if not event.wait(30):
            raise TimeoutError(f"no {what} within 30 s; VLC's state is {self.vlc.libvlc_media_player_get_state(self.player)}")

    def take(self, seconds):
        """What is shown and heard within so many seconds of the first picture."""
        self.shown.clear()
        self.picture.clear()
        self.sound.clear()
        self.await_event(self.shown, "picture")
        threading.Event().wait(seconds)
        return {"picture": list(self.picture), "sound": list(self.sound)}


def main():
    url, seconds, seeks = sys.argv[1], float(sys.argv[2]), [float(one) for one in sys.argv[3:]]
    player = Player(url)
    player.vlc.libvlc_media_player_play(player.player)
    told = [player.take(seconds)]
    for seek in seeks:
        player.seek(seek)
        told.append(player.take(seconds))
    player.vlc.libvlc_media_player_stop(player.player)
    json.dump(told, sys.stdout)


if __name__ == "__main__":
    main()
