"""Under a service manager: it hears of the start, the life, an upgrade, a refused one and the end."""

import contextlib
import pathlib
import signal
import socket
import unittest

from carrel import Daemon, FilmsTest, make_film, wait_for


class Supervised(Daemon):
    """What it says goes to a socket, as systemd has one."""

    def __init__(self, library, patience="300000", **environment):
        super().__init__(library, **environment)
        self.heard = []
        self.manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.manager.bind(str(self.root / "notify"))
        self.manager.setblocking(False)
        self.environment |= {"NOTIFY_SOCKET": str(self.root / "notify"), "WATCHDOG_USEC": patience}

    def __exit__(self, *_):
        super().__exit__(*_)
        self.manager.close()

    def says(self, state, after=0):
        """The first message of that state, beyond so many; with its status."""
        with contextlib.suppress(BlockingIOError):
            while True:
                self.heard.append(self.manager.recv(4096).decode())
        for message in self.heard[after:]:
            if message.startswith(state):
                return message
        return None

    def arguments(self):
        # As the unit has it.
        return ["sh", "-c", f"umask 0077; exec {self.program}"]


class Service(FilmsTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        make_film(cls.films / "Short.mp4", 6)

    def test_a_manager_hears_of_its_life(self):
        with Supervised(self.films) as daemon:
            wait_for("READY", lambda: daemon.says("READY=1"))
            beat = wait_for("a beat", lambda: daemon.says("WATCHDOG=1"))
            self.assertRegex(beat, r"STATUS=0 sessions, \d+ sandboxes; at 127\.0\.0\.1:\d+$")
            with contextlib.closing(daemon.client()) as client:
                daemon.wait_until_indexed(client)
                # A private umask takes nothing from the sandbox.
                film = client.get(f"/stream/{client.video('Short')['id']}/original", Range="bytes=0-9")
                self.assertEqual((film.status, len(film.body)), (206, 10))
                wait_for("a beat that counts", lambda: daemon.says("WATCHDOG=1\nSTATUS=1 sessions, 1 sandboxes"))

            with self.subTest("an upgrade"):
                before, pid = len(daemon.heard), daemon.process.pid
                daemon.process.send_signal(signal.SIGUSR2)
                self.assertRegex(wait_for("RELOADING", lambda: daemon.says("RELOADING=1", before)),
                                 r"RELOADING=1\nMONOTONIC_USEC=\d+\nSTATUS=")
                wait_for("READY of the successor", lambda: daemon.says("READY=1", before))
                wait_for("its beat", lambda: daemon.says("WATCHDOG=1", len(daemon.heard)))
                self.assertEqual(daemon.process.pid, pid)
                self.assertIsNone(daemon.says("STOPPING=1", before), "systemd would take it for the end")

            with self.subTest("an upgrade that is refused"):
                before = len(daemon.heard)
                (daemon.root / "carrel.toml").write_text("[http]\nlisten = 7\n")
                daemon.process.send_signal(signal.SIGUSR2)
                self.assertIn("the upgrade was refused", wait_for("READY", lambda: daemon.says("READY=1", before)))
                (daemon.root / "carrel.toml").unlink()

            before = len(daemon.heard)
            daemon.stop()
            self.assertTrue(daemon.says("STOPPING=1", before))

    def test_one_that_is_stopped_feeds_no_watchdog(self):
        with Supervised(self.films, patience="60000") as daemon:
            wait_for("a beat", lambda: daemon.says("WATCHDOG=1"))
            daemon.process.send_signal(signal.SIGSTOP)
            wait_for("the stop", lambda: "State:\tT" in pathlib.Path(f"/proc/{daemon.process.pid}/status").read_text())
            daemon.says("WATCHDOG=1")
            before = len(daemon.heard)
            # As long as five of its beats.
            with self.assertRaises(AssertionError):
                wait_for("a beat of nobody", lambda: daemon.says("WATCHDOG=1", before), 0.1)
            daemon.process.send_signal(signal.SIGCONT)
            wait_for("a beat again", lambda: daemon.says("WATCHDOG=1", before))


if __name__ == "__main__":
    unittest.main()
