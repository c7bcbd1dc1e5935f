"""What /metrics says that sandboxes use is what the kernel says, and the engine is left alone."""

import contextlib
import re
import subprocess
import unittest

from carrel import Client, Daemon, FilmsTest, cgroup_value, make_film, wait_for

BOOTHS = 20
LIMIT = 512 << 20


def series(daemon):
    """The samples of /metrics by name and labels."""
    with contextlib.closing(Client(daemon)) as client:
        text = client.get("/metrics").body.decode()
    return {name: float(value) for name, value in re.findall(r"^(\w\S*) (\S+)$", text, re.M)}


def of_slots(seen, name):
    return {key: value for key, value in seen.items() if key.startswith(f"carrel_sandbox_{name}{{")}


class Usage(FilmsTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        make_film(cls.films / "Film.mp4", 20)

    def daemon(self, **environment):
        return self.enterContext(Daemon(self.films, CARREL_SANDBOX_SAMPLE_EVERY="1s", **environment))

    def measured(self, daemon, count, by="kernel", seconds=60):
        """The figures once so many sandboxes, and no others, have been measured."""
        def settled():
            seen = series(daemon)
            whole = len(of_slots(seen, "memory_bytes")) == count
            return whole and seen[f'carrel_sandboxes_measured{{by="{by}"}}'] == count and seen
        return wait_for(f"{count} sandboxes measured by the {by}", settled, seconds)

    def looks(self, daemon, more):
        """Waits until so many further looks were taken."""
        name = "carrel_sandbox_measure_duration_seconds_count"
        first = series(daemon)[name]
        return wait_for("further looks", lambda: (seen := series(daemon))[name] >= first + more and seen)

    def test_the_figures_of_one_that_served_a_film(self):
        daemon = self.daemon()
        client = daemon.client()
        self.addCleanup(client.close)
        daemon.wait_until_indexed(client)
        path = f"/stream/{client.video('Film')['id']}/original"
        # With an answer the sandbox is there: the one that is measured is not the indexing worker.
        self.assertEqual(client.get(path).status, 200)
        self.looks(daemon, 1)
        before = self.measured(daemon, 1)
        # A worker may have had the first slot.
        slot = re.search(r'slot="(\d+)"', *of_slots(before, "memory_bytes")).group()
        for _ in range(5):
            self.assertEqual(client.get(path).status, 200)
        seen = self.looks(daemon, 2)

        container, = daemon.containers()
        files = {"memory_limit_bytes": ("memory", "memory.limit_in_bytes", "memory.max", LIMIT, 0),
                 "memory_bytes": ("memory", "memory.usage_in_bytes", "memory.current", None, 8 << 20),
                 "pids": ("pids", "pids.current", "pids.current", 1, 0)}
        for name, (controller, v1, v2, expected, delta) in files.items():
            by_hand = int(cgroup_value(container, controller, v1, v2))
            said = seen[f'carrel_sandbox_{name}{{{slot}}}']
            self.assertAlmostEqual(said, by_hand, delta=delta, msg=name)
            if expected is not None:
                self.assertEqual(said, expected, name)
        try:
            cpu = int(cgroup_value(container, "cpuacct", "cpuacct.usage", None)) / 1e9
        except AssertionError:
            cpu = int(cgroup_value(container, "cpu", None, "cpu.stat").split()[1]) / 1e6
        said = seen[f'carrel_sandbox_cpu_seconds_total{{{slot}}}']
        self.assertGreater(said, before[f'carrel_sandbox_cpu_seconds_total{{{slot}}}'])
        self.assertLessEqual(said, cpu + 1e-6)
        self.assertGreater(seen[f'carrel_sandbox_memory_bytes{{{slot}}}'], 0)
        for name in ("cpu_throttled_seconds_total", "memory_cache_bytes"):
            self.assertIn(f'carrel_sandbox_{name}{{{slot}}}', seen)

        client.request("POST", "/api/v1/auth/logout")
        wait_for("the end of its series", lambda: not any("slot=" in key for key in series(daemon)))

    def test_the_cpu_burst_follows_the_limit(self):
        daemon = self.daemon(CARREL_SANDBOX_CPU_BURST="0.5", CARREL_SANDBOX_IO_WEIGHT="200")
        client = daemon.client()
        self.addCleanup(client.close)
        daemon.wait_until_indexed(client)
        self.assertEqual(client.get(f"/stream/{client.video('Film')['id']}/original", Range="bytes=0-9").status, 206)
        self.looks(daemon, 1)
        self.measured(daemon, 1)
        container, = daemon.containers()
        sandbox, = client.get("/api/v1/admin/sandboxes").json()["items"]
        def limited_to(cpus, quota, burst):
            if cpus is not None:
                answer = client.request("PATCH", f"/api/v1/admin/sandboxes/{sandbox['id']}/limits", {"cpus": cpus})
                self.assertEqual(answer.status, 200, answer.body)
            self.assertEqual(cgroup_value(container, "cpu", "cpu.cfs_quota_us", "cpu.max").split()[0], quota)
            if self.kernel_has_burst(container):
                wait_for("the burst", lambda: cgroup_value(container, "cpu", "cpu.cfs_burst_us", "cpu.max.burst") == burst)
        limited_to(None, "50000", "25000")
        # Below the burst that was, which the kernel would refuse.
        limited_to(0.2, "20000", "10000")
        limited_to(1.0, "100000", "50000")
        if not self.kernel_has_burst(container):
            self.assertTrue(daemon.event("cgroup.no_cpu_burst"))

    @staticmethod
    def kernel_has_burst(container):
        try:
            cgroup_value(container, "cpu", "cpu.cfs_burst_us", "cpu.max.burst")
        except (AssertionError, OSError):
            return False
        return True

    def test_measuring_many_asks_the_engine_nothing(self):
        daemon = self.daemon(CARREL_POOL_SIZE=str(BOOTHS))
        client = daemon.client()
        self.addCleanup(client.close)
        daemon.wait_until_indexed(client)
        self.measured(daemon, BOOTHS + 1, seconds=180)
        calls = lambda seen: {key: value for key, value in seen.items() if key.startswith("carrel_engine_calls_total")}
        # Whatever had yet to settle has when two looks in a row asked nothing.
        def quiet():
            first = self.looks(daemon, 2)
            return calls(first) == calls(self.looks(daemon, 2))
        wait_for("an engine left alone", quiet)
        seen = series(daemon)
        self.assertEqual(sum(value for key, value in calls(seen).items() if 'call="stats"' in key), 0)
        slots = {re.search(r'slot="(\d+)"', key).group(1) for key in seen if "slot=" in key}
        self.assertEqual(len(slots), BOOTHS + 1)
        self.assertLessEqual(max(map(int, slots)), BOOTHS + 1)
        with contextlib.closing(Client(daemon)) as plain:
            checked = subprocess.run(["promtool", "check", "metrics"], input=plain.get("/metrics").body,
                                     capture_output=True, timeout=30)
        self.assertEqual((checked.returncode, checked.stderr), (0, b""))


if __name__ == "__main__":
    unittest.main()
