"""The log: whose line it is, levels that change while the daemon runs, errors counted together, and no secret."""

import contextlib
import json
import re
import signal
import subprocess
import unittest

from carrel import ADMIN, CTL, Client, Daemon, FilmsTest, docker, make_film, wait_for

WRONG = "a wrong password that nobody has"


class Logs(FilmsTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        make_film(cls.films / "Film.mp4", 5)

    def setUp(self):
        daemon = Daemon(self.films, CARREL_LOG_SANDBOX_FILES="true")
        self.config = daemon.root / "carrel.toml"  # read at the start and at each reload
        self.config.write_text("")
        self.daemon = self.enterContext(daemon)
        self.client = self.daemon.client()
        self.addCleanup(self.client.close)
        self.daemon.wait_until_indexed(self.client)
        self.film = self.client.video("Film")["id"]

    def line_of(self, answer):
        return wait_for("its line", lambda: self.daemon.event("http.request", request=answer.headers["X-Request-Id"]), 20)

    def ctl(self, *words):
        return subprocess.run([CTL, *words], env=self.daemon.environment, cwd=self.daemon.root, check=True,
                              capture_output=True, text=True, timeout=60).stdout

    def test_a_line_says_whose_it_is(self):
        answer = self.client.get(f"/stream/{self.film}/original", Range="bytes=0-9")
        line = wait_for("the answer's line", lambda: next((one for one in self.daemon.log() if one.get("event") == "http.request"
                                                           and one.get("route") == "stream" and one["status"] == 206), None))
        self.assertEqual(answer.status, 206)
        sandbox = line["sandbox"]
        self.assertIn(sandbox, self.daemon.containers()[0]["Config"]["Labels"].values())
        self.assertEqual(self.daemon.event("sandbox.state", sandbox=sandbox, state="ready")["session"], line["session"])
        self.assertEqual(self.line_of(self.client.get("/api/v1/me"))["session"], line["session"])
        own = self.daemon.root / "data/log" / f"{sandbox}.log"
        lines = wait_for("its file", lambda: own.exists() and [json.loads(one) for one in own.read_text().splitlines()])
        self.assertEqual({one["sandbox"] for one in lines}, {sandbox})
        self.assertLessEqual({"sandbox.state", "http.request"}, {one["event"] for one in lines})
        self.assertEqual((own.stat().st_mode & 0o777, own.parent.stat().st_mode & 0o777), (0o600, 0o700))

    def test_no_secret_is_in_it(self):
        secrets = {ADMIN[1], WRONG, self.client.cookie.split("=", 1)[1]}
        with contextlib.closing(Client(self.daemon)) as guest:
            for name in (ADMIN[0], "nobody"):
                guest.request("POST", "/api/v1/auth/login", {"username": name, "password": WRONG})
            guest.request("POST", f"/api/v1/auth/login?password={WRONG.replace(' ', '%20')}", {"username": 1})
            guest.get("/api/v1/me", Cookie="carrel_session=made-up-cookie-of-a-stranger")
            guest.get("/api/v1/admin/status", Authorization="Bearer made-up-token-of-a-stranger")
            secrets |= {"made-up-cookie-of-a-stranger", "made-up-token-of-a-stranger", WRONG.replace(" ", "%20")}
        token = self.ctl("token", "add", "elsewhere").strip()
        secrets.add(token)
        with contextlib.closing(Client(self.daemon)) as remote:
            self.assertEqual(remote.get("/api/v1/admin/status", Authorization=f"Bearer {token}").status, 200)
        stream = self.client.get(f"/api/v1/videos/{self.film}/stream").json()
        secrets.add(stream["token"])
        with contextlib.closing(Client(self.daemon)) as player:
            for name in ("stream_url", "dash_url", "original_url", "poster_url", "sprites_url"):
                if stream[name]:
                    player.get(stream[name])
            for path in (f"/stream/{self.film}/master.m3u8?token={stream['token']}",
                         f"/stream/{self.film}/t/{stream['token']}/nothing",
                         f"/stream/{self.film}/t/{stream['token']}x/master.m3u8", f"/nothing?token={stream['token']}",
                         f"/stream/{self.film}/t/{stream['token']}", f"/stream/{self.film}/original&token={stream['token']}",
                         f"/prefix/stream/{self.film}/t/{stream['token']}/master.m3u8"):
                player.get(path)
        added = self.client.request("POST", "/api/v1/admin/users", {"username": "guest", "password": "the guest's own password"})
        self.assertEqual(added.status, 201)
        changed = self.client.request("PATCH", "/api/v1/admin/users/guest", {"password": "the guest's other password"})
        self.assertEqual(changed.status, 200)
        secrets |= {"the guest's own password", "the guest's other password"}
        self.line_of(self.client.get("/livez"))
        said = self.daemon.log_path.read_text()
        for one in self.daemon.containers():
            said += docker("logs", one["Id"])
        for file in (self.daemon.root / "data/log").iterdir():
            said += file.read_text()
        self.assertGreater(len(said), 5000)
        self.assertEqual([secret for secret in secrets if secret in said], [])
        # Nor in the answer to the administrator who asks what went wrong.
        self.assertEqual([secret for secret in secrets if secret in self.ctl("--json", "errors")], [])

    def test_levels_change_while_it_runs(self):
        config = self.config
        config.write_text('[log]\nlevels = ["http=warn"]\n')
        with self.restarted():
            self.assertEqual(self.client.get("/livez").status, 200)
            self.assertIsNone(self.daemon.event("http.request", self.already))
            config.write_text('[log]\nlevel = "info"\n')
            self.reload()
            self.line_of(self.client.get("/livez"))
            config.write_text('[log]\nlevel = "loud"\n')
            self.daemon.process.send_signal(signal.SIGHUP)
            refused = wait_for("the refusal", lambda: self.daemon.event("reload.refused", self.already))
            self.assertIn("carrel.toml", refused["reason"])
            self.line_of(self.client.get("/livez"))
        config.write_text("")

    def test_carrelctl_shows_and_changes_the_level_until_the_configuration_is_read_again(self):
        self.config.write_text('[log]\nlevels = ["sandbox=debug"]\n')
        with self.restarted():
            self.assertRegex(self.ctl("log", "level"), r"(?s)level +info\n.*sandbox=debug")
            self.assertIn("warn", self.ctl("log", "level", "warn"))
            self.assertEqual(json.loads(self.ctl("--json", "log", "level")), {"level": "warn", "levels": ["sandbox=debug"]})
            quiet = self.client.get("/livez").headers["X-Request-Id"]
            self.ctl("log", "level", "debug")
            self.line_of(self.client.get("/livez"))
            self.assertIsNone(self.daemon.event("http.request", request=quiet))
            self.ctl("log", "level", "error")
            self.reload()
            self.line_of(self.client.get("/livez"))
            changes = self.client
            changes.log_in()
            for wrong in ({"level": "loud"}, {"level": 1}, {}, {"level": "info", "levels": []}):
                self.assertEqual(changes.request("PATCH", "/api/v1/admin/log", wrong).status, 400)
            self.assertEqual(changes.get("/api/v1/admin/log").json()["level"], "info")
            noted = changes.get("/api/v1/admin/audit?action=log_level").json()["items"]
            self.assertEqual([one["detail"] for one in noted], ["error", "debug", "warn"])
            self.assertTrue(all(one["actor"].startswith("local:") for one in noted))
            bad = subprocess.run([CTL, "log", "level", "loud"], env=self.daemon.environment, cwd=self.daemon.root, capture_output=True,
                                 text=True, timeout=60)
            self.assertEqual(bad.returncode, 2, bad.stderr)

    @contextlib.contextmanager
    def restarted(self):
        """With the file beside it; `already` are the lines of before."""
        self.daemon.stop()
        self.already = len(self.daemon.log())
        self.daemon.start()
        self.client.close()
        self.client = Client(self.daemon)
        yield
        self.client.close()

    def reload(self):
        self.daemon.process.send_signal(signal.SIGHUP)
        wait_for("the reload", lambda: self.daemon.event("reload.done", self.already))

    def test_the_same_error_is_counted(self):
        for number in range(3):
            self.config.write_text(f"[log]\nlevel = \"loud{number}\"\n")
            self.daemon.process.send_signal(signal.SIGHUP)
            wait_for("a refusal", lambda: len([one for one in self.daemon.log() if one.get("event") == "reload.refused"]) > number)
        self.config.write_text("")
        docker("kill", wait_for("a container", self.daemon.containers)[0]["Id"])
        wait_for("the failure", lambda: self.daemon.event("sandbox.state", state="failed"))
        groups = json.loads(self.ctl("--json", "errors"))["items"]
        refused = next(one for one in groups if one["event"] == "reload.refused")
        self.assertEqual(refused["count"], 3)
        self.assertEqual(refused["level"], "error")
        self.assertLessEqual(refused["first_at"], refused["last_at"])
        failed = next(one for one in groups if one["event"] == "sandbox.state")
        self.assertRegex(failed["sandbox"], r"^[0-9a-f-]{36}$")
        self.assertRegex(failed["session"], r"^[0-9a-f-]{36}$")
        self.assertRegex(self.ctl("errors"), re.compile(r"3 .*reload\.refused", re.S))


if __name__ == "__main__":
    unittest.main()
