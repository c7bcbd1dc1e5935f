"""What an administrator does to sandboxes with carrelctl, and what viewers and administrators hear of it."""

import contextlib
import json
import queue
import signal
import subprocess
import tempfile
import threading
import unittest

from carrel import BUILD, Client, Daemon, FilmsTest, cgroup_value, docker, make_film, wait_for

CTL = BUILD / "orchestrator/carrelctl"
MB = 1 << 20


class Events:
    """The events of a stream, as they come."""

    def __init__(self, client, path, **headers):
        cookie = {"Cookie": client.cookie}
        client.connection.request("GET", path, headers={**cookie, **headers})
        self.response = client.connection.getresponse()
        self.events = queue.Queue()
        self.ended = threading.Event()
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        event = {}
        with contextlib.suppress(OSError, ValueError):
            for line in iter(self.response.readline, b""):
                text = line.decode().rstrip("\n")
                if text == "":
                    if "data" in event:
                        self.events.put(event)
                    event = {}
                elif not text.startswith(":"):
                    name, _, value = text.partition(": ")
                    event[name] = value
        self.ended.set()

    def until(self, **wanted):
        """Up to the first whose data has these."""
        seen = []
        while True:
            event = self.events.get(timeout=30)
            data = json.loads(event["data"])
            seen.append((event, data))
            if all(data.get(key) == value for key, value in wanted.items()):
                return seen


class SandboxAdmin(FilmsTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        make_film(cls.films / "Film.mp4", 3)
        cls.daemon = cls.enterClassContext(Daemon(cls.films, CARREL_SANDBOX_SAMPLE_EVERY="1s"))
        cls.viewer = cls.daemon.client()
        cls.daemon.wait_until_indexed(cls.viewer)

    def setUp(self):
        self.film = f"/stream/{self.viewer.video('Film')['id']}/original"
        self.assertEqual(self.viewer.get(self.film).status, 200)

    def run_ctl(self, *words):
        return subprocess.run([CTL, *map(str, words)], capture_output=True, text=True, timeout=60,
                              env=self.daemon.environment, cwd=self.daemon.root)

    def ctl(self, *words):
        done = self.run_ctl(*words)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout

    def data(self, *words):
        return json.loads(self.ctl("--json", *words))

    def mine(self):
        """That of the viewer who is there all the time, once nobody else has one."""
        def look():
            items = [item for item in self.data("sandbox", "ls")["items"] if item["state"] in ("assigned", "paused")]
            return items if len(items) == 1 else None
        return wait_for("the viewer's sandbox alone", look)[0]

    def container_of(self, sandbox):
        return next(item for item in self.daemon.containers() if item["Id"] == sandbox["container"])

    def audited(self, action, what):
        return wait_for(f"{action} in the audit trail",
                        lambda: self.data("audit", "--action", action, "--object", what)["items"])[0]

    def test_status_counts_what_there_is(self):
        alone = lambda: self.data("status")["sandboxes"]["by_state"]["assigned"] == 1
        wait_for("the viewer's sandbox alone", alone)
        status = self.data("status")
        self.assertEqual(status["engine"]["state"], "ready")
        self.assertTrue(status["engine"]["product"] and status["version"] and status["instance"])
        self.assertGreater(status["bytes_acknowledged"], 0)
        self.assertIn("engine", self.ctl("status"))

    def test_ls_show_and_why_tell_the_same_as_the_engine(self):
        one = self.mine()
        container = self.container_of(one)
        self.assertEqual(one["image"], container["Image"])
        self.assertEqual((one["user"], one["role"], one["cpus"]), ("admin", "streamer", 0.5))
        wait_for("a measurement", lambda: self.mine()["memory_bytes"])
        shown = self.data("sandbox", "show", one["id"])
        states = [step["state"] for step in shown["history"]]
        self.assertEqual(states[:4], ["creating", "starting", "ready", "assigned"])
        why = self.data("sandbox", "why", one["id"][:-1])
        self.assertIn("the session of admin", why["lives_because"])
        self.assertIn("carreld", why["remover"])
        self.assertTrue(why["goes_at"] and why["touched_last"]["at"])
        self.assertIn("It lives because", self.ctl("sandbox", "why", one["id"]))
        self.assertIn("assigned", self.ctl("sandbox", "ls"))
        self.ctl("sandbox", "logs", one["id"])
        self.ctl("sandbox", "top")

    def test_pause_and_resume_and_a_play_wakes_it(self):
        one = self.mine()
        frozen = lambda: docker("inspect", "-f", "{{.State.Paused}}", one["container"])
        self.ctl("sandbox", "pause", one["id"])
        self.assertEqual((frozen(), self.mine()["state"]), ("true", "paused"))
        self.assertIn("paused", self.data("sandbox", "why", one["id"])["lives_because"])
        self.assertNotEqual(self.run_ctl("sandbox", "pause", one["id"]).returncode, 0)
        self.ctl("sandbox", "resume", one["id"])
        self.assertEqual((frozen(), self.mine()["state"]), ("false", "assigned"))
        self.ctl("sandbox", "pause", one["id"])
        self.assertEqual(self.viewer.get(self.film).status, 200)
        self.assertEqual(self.mine()["id"], one["id"])
        self.assertTrue(self.audited("sandbox_pause", one["id"])["actor"].startswith("local:"))

    def test_limits_are_in_the_cgroup(self):
        one = self.mine()
        self.ctl("sandbox", "limits", one["id"], "--memory", "256m", "--cpus", "0.25", "--bandwidth", "4m")
        container = self.container_of(one)
        self.assertEqual(cgroup_value(container, "memory", "memory.limit_in_bytes", "memory.max"), str(256 * MB))
        quota = cgroup_value(container, "cpu", "cpu.cfs_quota_us", "cpu.max").split()[0]
        self.assertEqual(quota, "25000")
        shown = self.mine()
        self.assertEqual((shown["memory_limit_bytes"], shown["cpus"], shown["bandwidth"]), (256 * MB, 0.25, 4 * MB))
        self.assertIn("memory", self.audited("sandbox_limits", one["id"])["detail"])
        for body in ({}, {"memory": 1}, {"memory": None}, {"streams": 3}, {"cpus": "x"}):
            answer = self.viewer.request("PATCH", f"/api/v1/admin/sandboxes/{one['id']}/limits", body)
            self.assertEqual(answer.status, 400, body)
        self.ctl("sandbox", "kill", one["id"])

    def test_stop_and_kill_are_remembered_and_the_next_play_brings_a_new_one(self):
        for verb in ("stop", "kill"):
            with self.subTest(verb):
                one = self.mine()
                self.ctl("sandbox", verb, one["id"])
                wait_for("its end", lambda: self.data("sandbox", "show", one["id"])["history"][-1]["state"] == "removed")
                self.assertNotIn(one["container"], [item["Id"] for item in self.daemon.containers()])
                gone = self.data("sandbox", "show", one["id"])
                self.assertEqual((gone["reason"], gone["user"]), ("admin", "admin"))
                self.assertEqual([step["state"] for step in gone["history"]][-2:], ["stopping", "removed"])
                why = self.data("sandbox", "why", one["id"])
                self.assertIsNone(why["lives_because"])
                self.assertIn("administrator", why["text"][0])
                self.audited(f"sandbox_{verb}", one["id"])
                self.assertEqual(self.viewer.get(self.film).status, 200)
                self.assertNotEqual(self.mine()["id"], one["id"])
        self.assertEqual(self.run_ctl("sandbox", "show", "0" * 36).returncode, 3)
        self.assertEqual(self.run_ctl("sandbox", "stop", one["id"]).returncode, 3)

    def test_the_pool_is_resized_and_drained(self):
        self.assertEqual(self.data("pool", "show"), {"size": 0, "ready": 0, "starting": 0})
        self.ctl("pool", "resize", 2)
        wait_for("a full pool", lambda: self.data("pool", "show")["ready"] == 2)
        warm = lambda: {item["id"] for item in self.data("sandbox", "ls")["items"]
                        if item["state"] == "ready" and item["user"] is None}
        before = warm()
        self.assertEqual(len(before), 2)
        self.assertIn("pool", self.data("sandbox", "why", min(before))["lives_because"])
        self.ctl("pool", "drain")
        wait_for("a new pool", lambda: len(warm()) == 2 and not warm() & before)
        self.ctl("pool", "resize", 0)
        wait_for("an empty pool", lambda: not warm())
        self.audited("pool_resized", "pool")
        self.audited("pool_drained", "pool")
        self.assertEqual(self.viewer.request("PATCH", "/api/v1/admin/pool", {"size": -1}).status, 400)

    def test_what_is_nobodys_is_collected_and_a_dry_run_only_looks(self):
        instance = self.data("status")["instance"]
        stray = docker("create", "--label", f"carrel.instance={instance}", "--label", "carrel.sandbox=stray",
                       "carrel-streamer:latest", "hold")
        self.addCleanup(subprocess.run, ["docker", "rm", "-f", stray], capture_output=True)
        self.assertEqual(self.data("gc")["items"], [], "a young one may be on its way to somebody")
        items = self.data("gc", "--dry-run", "--force")["items"]
        self.assertEqual([(item["container"], item["sandbox"], item["removed"]) for item in items],
                         [(stray, "stray", False)])
        docker("inspect", stray)
        for body in ({}, {"force": True}, {"dry_run": True, "force": 1}, {"dry_run": True, "other": 1}):
            self.assertEqual(self.viewer.request("POST", "/api/v1/admin/gc", body).status, 400, body)
        self.assertTrue(self.data("gc", "--force")["items"][0]["removed"])
        self.assertEqual(docker("ps", "-aq", "--filter", f"id={stray}"), "")
        self.assertIn("Nothing to collect", self.ctl("gc"))
        self.assertEqual(self.viewer.get(self.film).status, 200)
        self.audited("left_over_collected", "containers")
        rows = wait_for("all three in the audit trail",
                        lambda: len(rows := self.data("audit", "--action", "left_over_collected")["items"]) > 2 and rows)
        self.assertEqual([row["detail"] for row in rows], ["0", "1, force", "0"])

    def test_a_login_is_followed_as_it_happens(self):
        words = [CTL, "--json", "events", "--follow"]
        lives = {}
        with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                              env=self.daemon.environment, cwd=self.daemon.root) as following:
            def read():
                for line in following.stdout:
                    event = json.loads(line)
                    if event["event"] == "sandbox.state":
                        lives.setdefault(event["data"]["sandbox"], []).append(event["data"]["state"])

            def log_in():
                # Those from before the listener was there are not heard of.
                with contextlib.closing(self.daemon.client()) as other:
                    self.assertEqual(other.get(self.film).status, 200)
                    other.request("POST", "/api/v1/auth/logout")
                return any(states[:1] == ["creating"] for states in list(lives.values()))

            reader = threading.Thread(target=read)
            reader.start()
            wait_for("a login that was heard of", log_in)
            whole = ["creating", "starting", "ready", "assigned", "stopping", "removed"]
            wait_for("its whole life", lambda: whole in list(lives.values()))
            following.send_signal(signal.SIGINT)
            reader.join(30)

    def test_a_viewer_hears_of_the_own_session_alone_and_no_details(self):
        self.daemon.add_user("vera", "correct horse battery")
        with contextlib.closing(self.daemon.client("vera", "correct horse battery")) as vera:
            refused = vera.get("/api/v1/admin/events")
            self.assertEqual(refused.status, 403)
            listening = Events(vera, "/api/v1/events")
            self.assertEqual(listening.response.headers["Content-Type"], "text/event-stream")
            one = self.mine_of("vera")
            other = self.mine_of("admin")
            self.ctl("sandbox", "kill", other["id"])
            self.ctl("sandbox", "kill", one["id"])
            seen = listening.until(state="removed")
            self.assertEqual({data["sandbox"] for _, data in seen}, {one["id"]})
            self.assertFalse(any("detail" in data for _, data in seen))
            with contextlib.closing(Client(self.daemon)) as again:
                again.cookie = vera.cookie
                back = Events(again, "/api/v1/events", **{"Last-Event-ID": str(int(seen[0][0]["id"]) - 1)})
                self.assertEqual(back.until(state="removed")[0][0]["id"], seen[0][0]["id"])
                # The session's end is the stream's end.
                with contextlib.closing(Client(self.daemon)) as third:
                    third.cookie = vera.cookie
                    third.request("POST", "/api/v1/auth/logout")
                self.assertTrue(back.ended.wait(30))

    def mine_of(self, user):
        def look():
            return [item for item in self.data("sandbox", "ls")["items"]
                    if item["user"] == user and item["state"] == "assigned"]
        return wait_for(f"the sandbox of {user}", look)[0]


class Stopping(unittest.TestCase):
    def test_listeners_do_not_hold_a_daemon_that_stops_up(self):
        with tempfile.TemporaryDirectory() as films, Daemon(films) as daemon:
            with contextlib.closing(daemon.client()) as client:
                listening = Events(client, "/api/v1/events")
                daemon.stop()
                self.assertTrue(listening.ended.wait(30))
                self.assertTrue(daemon.event("daemon.ended"))


if __name__ == "__main__":
    unittest.main()
