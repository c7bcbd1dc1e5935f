"""The images that a package brings: made without an engine, loaded into one, replaced by newer ones, and removed."""

import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

from carrel import BUILD, CTL, SOURCE, docker

MAKER = SOURCE / "packaging/image_archive.py"
STREAMER = BUILD / "streamer/carrel-streamer"


class Images(unittest.TestCase):
    """Under a name of the test's own, so that nobody else's images are touched."""

    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory(prefix="carrel-test-images-")))
        self.name = "carrel-test" + "".join(chr(ord("a") + byte % 26) for byte in os.urandom(8))
        self.addCleanup(lambda: self.ctl("remove"))

    def ctl(self, word):
        environment = {key: value for key, value in os.environ.items() if not key.startswith("CARREL_")}
        done = subprocess.run([CTL, "image", word, "--folder", self.folder / "archives"], capture_output=True, text=True,
                              cwd=self.folder, env=environment)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout

    def archive(self, extra=b""):
        program = self.folder / self.name
        shutil.copy(STREAMER, program)
        dockerfile = self.folder / "Dockerfile"
        dockerfile.write_bytes(b"FROM scratch\n" + extra)
        subprocess.run(["python3", "-B", MAKER, program, dockerfile, self.folder / "archives"], check=True)
        made, = (self.folder / "archives").glob(f"{self.name}-*.tar")
        return made

    def tags(self):
        return set(docker("image", "ls", "--format", "{{.Tag}}", self.name).split())

    def test_loaded_replaced_removed(self):
        first = self.archive()
        content = first.read_bytes()
        self.assertEqual(self.archive().read_bytes(), content, "the same program gives the same bytes")
        self.assertIn("loaded", self.ctl("load"))
        self.assertIn("it was there", self.ctl("load"))
        tag = first.stem.removeprefix(self.name + "-")
        self.assertEqual(self.tags(), {"latest", tag})
        said = subprocess.run(["docker", "run", "--rm", "--network", "none", self.name, "--version"], capture_output=True, text=True)
        self.assertIn("carrel-streamer", said.stdout + said.stderr)
        second = self.archive(b"# another\n")
        self.assertIn("loaded", self.ctl("load"))
        self.assertEqual(self.tags(), {"latest", second.stem.removeprefix(self.name + "-")})
        self.ctl("remove")
        self.assertEqual(self.tags(), set())


if __name__ == "__main__":
    unittest.main()
