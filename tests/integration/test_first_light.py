"""Two users, two containers, and nothing of one for the other."""

import json
import pathlib
import re
import subprocess
import unittest

from carrel import ADMIN, Client, Daemon, FilmsTest, cgroup_value, make_film, wait_for


class FirstLight(FilmsTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        make_film(cls.films / "Clock_one.mp4", extra=("-movflags", "+faststart"))
        cls.daemon = cls.enterClassContext(Daemon(cls.films))
        cls.daemon.add_user("alice", "alice has a long one")
        cls.daemon.add_user("bob", "bob has a long one too")

    def both(self):
        alice = self.daemon.client("alice", "alice has a long one")
        bob = self.daemon.client("bob", "bob has a long one too")
        self.addCleanup(wait_for, "the containers' end", lambda: len(self.daemon.containers()) == 0)
        self.addCleanup(self.leave, alice)
        self.addCleanup(self.leave, bob)
        self.daemon.wait_until_indexed(alice)
        return alice, bob

    def leave(self, client):
        client.request("POST", "/api/v1/auth/logout")
        client.close()

    def test_each_session_streams_from_a_container_of_its_own(self):
        alice, bob = self.both()
        wait_for("two containers", lambda: len(self.daemon.containers()) == 2)
        film = alice.video("Clock one")
        self.assertAlmostEqual(film["duration_seconds"], 20, delta=0.2)
        self.assertTrue(film["playable"])
        size = film["size_bytes"]
        for client in (alice, bob):
            whole = client.get(f"/stream/{film['id']}/original")
            self.assertEqual((whole.status, len(whole.body)), (200, size))
            self.assertEqual(whole.headers["Content-Type"], "video/mp4")
            master = client.get(f"/stream/{film['id']}/master.m3u8")
            self.assertIn(b"#EXT-X-STREAM-INF", master.body)
        users = {container["Config"]["Labels"]["carrel.user"] for container in self.daemon.containers()}
        self.assertEqual(users, {alice.get("/api/v1/me").json()["id"], bob.get("/api/v1/me").json()["id"]})
        sessions = [container["Config"]["Labels"]["carrel.session"] for container in self.daemon.containers()]
        self.assertEqual(len(set(sessions)), 2)

    def test_limits_hold_in_the_cgroup_and_nothing_else_is_given(self):
        self.both()
        wait_for("two containers", lambda: len(self.daemon.containers()) == 2)
        for container in self.daemon.containers():
            self.assertEqual(cgroup_value(container, "memory", "memory.limit_in_bytes", "memory.max"), str(512 << 20))
            try:
                quota = int(cgroup_value(container, "cpu", "cpu.cfs_quota_us", None))
                period = int(cgroup_value(container, "cpu", "cpu.cfs_period_us", None))
            except AssertionError:
                quota, period = map(int, cgroup_value(container, "cpu", None, "cpu.max").split())
            self.assertEqual(quota / period, 0.5)
            host = container["HostConfig"]
            self.assertTrue(host["ReadonlyRootfs"])
            self.assertNotIn(container["Config"]["User"], ("", "0", "root", "0:0"))
            status = pathlib.Path(f"/proc/{container['State']['Pid']}/status").read_text()
            for kind in ("CapEff", "CapPrm", "CapBnd", "CapInh", "CapAmb"):
                self.assertIn(f"{kind}:\t0000000000000000", status)
            self.assertIn("Seccomp:\t2", status)
            self.assertIn("NoNewPrivs:\t1", status)
            self.assertEqual([mount["RW"] for mount in container["Mounts"]], [False])
            interfaces = pathlib.Path(f"/proc/{container['State']['Pid']}/net/dev").read_text().splitlines()[2:]
            self.assertEqual([line.split(":")[0].strip() for line in interfaces], ["lo"])

    def test_neither_can_use_what_is_the_other_s(self):
        alice, bob = self.both()
        film = alice.video("Clock one")
        link = alice.get(f"/api/v1/videos/{film['id']}/stream").json()
        stranger = Client(self.daemon)
        self.addCleanup(stranger.close)
        self.assertEqual(stranger.get(f"/stream/{film['id']}/original").status, 401)
        self.assertEqual(stranger.get(link["original_url"], Range="bytes=0-9").status, 206)
        # The link is Alice's session's: when that ends, so does the link, whoever has it.
        alice.request("POST", "/api/v1/auth/logout")
        # A connection of its own: the end of the booth may have taken the one that it was answering on with it.
        late = Client(self.daemon)
        self.addCleanup(late.close)
        self.assertEqual(late.get(link["original_url"]).status, 401)
        self.assertEqual(bob.get(link["original_url"]).status, 401)
        self.assertEqual(alice.get("/api/v1/me").status, 401)
        self.assertEqual(bob.get("/api/v1/me").status, 200)
        self.assertEqual(bob.request("POST", "/api/v1/admin/users", {"username": "eve", "password": "x" * 20}).status, 403)

    def test_a_token_opens_one_video_only_and_cannot_be_changed(self):
        alice, _ = self.both()
        film = alice.video("Clock one")
        token = alice.get(f"/api/v1/videos/{film['id']}/stream").json()["token"]
        stranger = Client(self.daemon)
        self.addCleanup(stranger.close)
        other = film["id"][:-1] + ("0" if film["id"][-1] != "0" else "1")
        self.assertEqual(stranger.get(f"/stream/{other}/original?token={token}").status, 401)
        for at in range(0, len(token), 7):
            changed = token[:at] + ("A" if token[at] != "A" else "B") + token[at + 1:]
            self.assertEqual(stranger.get(f"/stream/{film['id']}/original?token={changed}").status, 401, at)

    def test_logging_out_removes_the_container(self):
        client = self.daemon.client()
        wait_for("a container", lambda: len(self.daemon.containers()) == 1)
        client.request("POST", "/api/v1/auth/logout")
        wait_for("its removal", lambda: len(self.daemon.containers()) == 0)
        client.close()

    def test_players_play_the_link(self):
        alice, _ = self.both()
        film = alice.video("Clock one")
        link = alice.get(f"/api/v1/videos/{film['id']}/stream").json()
        for url in (link["stream_url"], link["original_url"]):
            seen = subprocess.run(
                ["ffprobe", "-v", "error", "-count_packets", "-show_entries", "stream=codec_name,nb_read_packets",
                 "-of", "json", self.daemon.url(url)], capture_output=True, text=True, timeout=120)
            self.assertEqual((seen.returncode, seen.stderr), (0, ""))
            codecs = {one["codec_name"]: int(one["nb_read_packets"]) for one in json.loads(seen.stdout)["streams"]}
            self.assertEqual(codecs["h264"], 500)
            self.assertGreater(codecs["aac"], 900)

    def test_wrong_passwords_and_cross_site_requests_are_refused(self):
        client = Client(self.daemon)
        self.addCleanup(client.close)
        wrong = client.request("POST", "/api/v1/auth/login", {"username": ADMIN[0], "password": "wrong wrong wrong"})
        self.assertEqual(wrong.status, 401)
        self.assertEqual(wrong.headers["Content-Type"], "application/problem+json")
        crossed = client.request("POST", "/api/v1/auth/login", {"username": ADMIN[0], "password": ADMIN[1]},
                                 {"Origin": "https://evil.example"})
        self.assertEqual(crossed.status, 403)
        crossed = client.request("POST", "/api/v1/auth/login", {"username": ADMIN[0], "password": ADMIN[1]},
                                 {"Sec-Fetch-Site": "cross-site"})
        self.assertEqual(crossed.status, 403)

    def test_health_and_metrics(self):
        client = Client(self.daemon)
        self.addCleanup(client.close)
        self.assertEqual(client.get("/livez").status, 200)
        self.assertEqual(client.get("/healthz").status, 200)
        told = client.get("/metrics").body.decode()
        self.assertIn('carrel_ready{part="engine"} 1\n', told)
        self.assertGreater(float(re.search(r"^carrel_data_free_bytes (\S+)$", told, re.M)[1]), 0)
        ready = client.get("/readyz?verbose")
        self.assertEqual(ready.status, 200)
        self.assertIn(b"[+] engine ok", ready.body)
        checked = subprocess.run(["promtool", "check", "metrics"], input=client.get("/metrics").body,
                                 capture_output=True, timeout=30)
        self.assertEqual((checked.returncode, checked.stderr), (0, b""))

    def test_no_secret_is_in_the_log(self):
        alice, _ = self.both()
        film = alice.video("Clock one")
        token = alice.get(f"/api/v1/videos/{film['id']}/stream").json()["token"]
        alice.get(f"/stream/{film['id']}/original?token={token}", Range="bytes=0-0")
        alice.get(f"/stream/{film['id']}/t/{token}/master.m3u8")
        text = self.daemon.log_path.read_text()
        for secret in (token, alice.cookie.split("=", 1)[1], ADMIN[1], "alice has a long one"):
            self.assertNotIn(secret, text)


if __name__ == "__main__":
    unittest.main()
