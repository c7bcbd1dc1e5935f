"""gstreamer_player.py URL SECONDS SEED SEEKS: plays with GStreamer's playbin, seeks to random places, then plays to the end.

Run by the distribution's own Python, which has GStreamer. Not playbin3: the demuxer of HLS that it takes ends itself after quick
seeks (an assertion about `request->in_use`, in 1.22). Prints one JSON object: flashes and beeps as they were decoded, by the
stream's time, and every error and warning."""

import array
import json
import random
import sys

import gi

gi.require_version("Gst", "1.0")
from gi.repository import Gst  # noqa: E402

WAIT = 30 * Gst.SECOND


class Player:
    def __init__(self, uri):
        Gst.init(None)
        self.complaints, self.picture, self.sound = [], [], []
        self.bin = Gst.ElementFactory.make("playbin")
        self.bin.set_property("uri", uri)
        # 0x3: picture and sound; text is for others.
        self.bin.set_property("flags", 0x3)
        for name, caps, take in (("video", "videoconvert ! videoscale ! video/x-raw,format=GRAY8,width=16,height=16", self.take_picture),
                                 ("audio", "audioconvert ! volume ! audioresample ! audio/x-raw,format=S16LE,rate=48000,channels=1",
                                  self.take_sound)):
            sink = Gst.parse_bin_from_description(f"{caps} ! appsink name=out sync=false emit-signals=true max-buffers=64", True)
            sink.get_by_name("out").connect("new-sample", take)
            self.bin.set_property(f"{name}-sink", sink)
            if name == "video":
                self.shown = sink.get_by_name("out")

    def take(self, sink, into):
        sample = sink.emit("pull-sample")
        buffer, segment = sample.get_buffer(), sample.get_segment()
        time = segment.to_stream_time(Gst.Format.TIME, buffer.pts) / Gst.SECOND
        done, mapped = buffer.map(Gst.MapFlags.READ)
        if done:
            into(time, bytes(mapped.data))
            buffer.unmap(mapped)
        return Gst.FlowReturn.OK

    def take_picture(self, sink):
        return self.take(sink, lambda time, data: self.picture.append((time, sum(data) / len(data))))

    def take_sound(self, sink):
        def into(time, data):
            values = array.array("h", data)
            for at in range(0, len(values), 48):  # a millisecond each
                self.sound.append((time + at / 48000, max(map(abs, values[at:at + 48]))))
        return self.take(sink, into)

    def wait_for(self, kinds, what):
        bus = self.bin.get_bus()
        while True:
            message = bus.timed_pop_filtered(WAIT, kinds | Gst.MessageType.ERROR | Gst.MessageType.WARNING)
            if message is None:
                raise SystemExit(json.dumps({"error": f"{what}: nothing came for 30 s", "complaints": self.complaints}))
            if message.type == Gst.MessageType.ERROR:
                raise SystemExit(json.dumps({"error": f"{what}: {message.parse_error()}", "complaints": self.complaints}))
            if message.type == Gst.MessageType.WARNING:
                self.complaints.append(f"{what}: {message.parse_warning()}")
                continue
            return message

    def seek(self, seconds):
        done = self.bin.seek_simple(Gst.Format.TIME, Gst.SeekFlags.FLUSH | Gst.SeekFlags.ACCURATE, int(seconds * Gst.SECOND))
        if not done:
            raise SystemExit(json.dumps({"error": f"the seek to {seconds} was refused"}))
        self.wait_for(Gst.MessageType.ASYNC_DONE, f"seek to {seconds}")
        _, at = self.bin.query_position(Gst.Format.TIME)
        sample = self.shown.get_property("last-sample")
        shown = sample.get_segment().to_stream_time(Gst.Format.TIME, sample.get_buffer().pts)
        for what, time in (("position", at), ("picture", shown)):
            if not -0.1 < time / Gst.SECOND - seconds < 0.1:
                self.complaints.append(f"a seek to {seconds} led to the {what} {time / Gst.SECOND}")


def main():
    uri, seconds, seed, seeks = sys.argv[1], float(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
    player = Player(uri)
    player.bin.set_state(Gst.State.PAUSED)
    player.wait_for(Gst.MessageType.ASYNC_DONE, "start")
    source = random.Random(seed)
    for _ in range(seeks):
        player.seek(round(source.uniform(0, seconds - 2), 2))
    player.seek(0)
    player.picture.clear()
    player.sound.clear()
    player.bin.set_state(Gst.State.PLAYING)
    player.wait_for(Gst.MessageType.EOS, "the end")
    player.bin.set_state(Gst.State.NULL)
    print(json.dumps({"picture": player.picture, "sound": player.sound, "complaints": player.complaints}))


if __name__ == "__main__":
    main()
