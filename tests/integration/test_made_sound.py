"""Sound that is made on the fly costs less than the half CPU that a sandbox has, by the kernel's count of its process."""

import contextlib
import os
import pathlib
import sys
import unittest
from urllib.parse import urljoin

from carrel import Daemon, FilmsTest, make_film, wait_for
from eight_viewers import uris_of

SECONDS = 30
SHARE = 0.5
# What browsers do not play, in six channels of noise, which nothing makes smaller.
NOISE = ("-af", "aeval=" + "|".join(f"random({channel})-0.5" for channel in range(6)) + ":c=5.1")
SOUNDS = {"AC-3": ("mkv", ("-c:a", "ac3")), "DTS": ("mkv", ("-c:a", "dca", "-strict", "-2")),
          "TrueHD": ("mkv", ("-c:a", "truehd", "-strict", "-2")), "PCM": ("mov", ("-c:a", "pcm_s24le"))}


def cpu_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class MadeSound(FilmsTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for name, (suffix, audio) in SOUNDS.items():
            make_film(cls.films / f"{name}.{suffix}", SECONDS, audio=(*NOISE, *audio))

    def test_every_rendition_is_made_faster_than_it_plays(self):
        daemon = self.enterContext(Daemon(self.films))
        with contextlib.closing(daemon.client()) as client:
            daemon.wait_until_indexed(client)
            (container,) = wait_for("the sandbox", daemon.containers)
            self.assertEqual(container["HostConfig"]["NanoCpus"], SHARE * 1e9)
            for name in SOUNDS:
                root = f"/stream/{client.video(name)['id']}/"
                for folder in ("1/aac2/", "1/aac6/"):
                    with self.subTest(name, rendition=folder):
                        playlist = root + folder + "playlist.m3u8"
                        uris = uris_of(client.get(playlist).body.decode())
                        before, size = cpu_seconds(container["State"]["Pid"]), 0
                        for uri in uris:
                            answer = client.get(urljoin(playlist, uri))
                            self.assertEqual(answer.status, 200, uri)
                            size += len(answer.body)
                        spent = cpu_seconds(container["State"]["Pid"]) - before
                        print(f"\n{name} {folder}: {spent / SECONDS:.3f} of a CPU", file=sys.stderr)
                        self.assertGreater(size, SECONDS * 1000)
                        self.assertLess(spent, SHARE * SECONDS)


if __name__ == "__main__":
    unittest.main()
