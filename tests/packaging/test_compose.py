"""The compose files: valid for the compose that Debian has, each alone and in the combinations that are told of."""

import functools
import json
import os
import pathlib
import re
import subprocess
import tempfile
import unittest

SOURCE = pathlib.Path(os.environ["CARREL_SOURCE_DIR"])
FOLDER = SOURCE / "compose"
COMBINATIONS = {
    "alone": ["compose.yaml"],
    "development": ["compose.yaml", "compose.dev.yaml"],
    "Caddy": ["compose.yaml", "compose.production.yaml"],
    "nginx": ["compose.yaml", "compose.production.yaml", "compose.nginx.yaml"],
    "socket proxy": ["compose.yaml", "compose.socket-proxy.yaml"],
    "monitoring": ["monitoring/compose.monitoring.yaml"],
}
ENVIRONMENT = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/")}


def run(files, *words, env_file=FOLDER / ".env.example"):
    named = [part for name in files for part in ("-f", str(FOLDER / name))]
    return subprocess.run(["docker-compose", "--env-file", str(env_file), *named, *words], env=ENVIRONMENT, cwd=FOLDER,
                          capture_output=True, text=True)


@functools.cache
def compose(name):
    """What compose makes of a combination; it takes its time."""
    return run(COMBINATIONS[name], "config")


class Compose(unittest.TestCase):
    def test_each_combination_is_valid(self):
        for name in COMBINATIONS:
            with self.subTest(name):
                done = compose(name)
                self.assertEqual(done.returncode, 0, done.stderr)

    def test_each_file_is_in_a_combination(self):
        known = {name for files in COMBINATIONS.values() for name in files}
        self.assertEqual({str(path.relative_to(FOLDER)) for path in FOLDER.rglob("compose*.yaml")}, known)

    def test_what_has_to_be_chosen_is_asked_for(self):
        with tempfile.NamedTemporaryFile() as empty:
            done = run(COMBINATIONS["alone"], "config", "--quiet", env_file=empty.name)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("see .env.example", done.stderr)

    def test_no_service_is_privileged_and_each_gains_no_privileges(self):
        for name in COMBINATIONS:
            text = compose(name).stdout
            with self.subTest(name):
                services = re.split(r"^  (?=\S)", text[text.index("services:"):].split("\nnetworks:")[0].split("\nvolumes:")[0],
                                    flags=re.M)[1:]
                self.assertTrue(services)
                for service in services:
                    self.assertIn("no-new-privileges:true", service)
                    self.assertIn("cap_drop:\n    - ALL", service)
                    self.assertNotIn("privileged:", service)

    def test_the_data_have_one_path_on_both_sides(self):
        text = compose("alone").stdout
        data = re.search(r"CARREL_DATA_DIR: (\S+)", text).group(1)
        self.assertIn(f"- {data}:{data}:rw", text)

    def test_behind_the_socket_proxy_the_real_socket_is_not_there(self):
        text = compose("socket proxy").stdout
        carrel = text[text.index("\n  carrel:"):text.index("\n  socket-proxy:")]
        self.assertIn("- /dev/null:/var/run/docker.sock:rw", carrel)
        self.assertNotIn("/var/run/docker.sock:/var/run/docker.sock", carrel)


class Proxies(unittest.TestCase):
    """What a proxy waits for, against what carreld waits for by default."""

    def default(self, key):
        number, unit = re.search(rf'^\| `{re.escape(key)}` .*? \| `"(\d+)([sm])"` ',
                                 (SOURCE / "docs/configuration.md").read_text(), flags=re.M).groups()
        return int(number) * {"s": 1, "m": 60}[unit]

    def seconds(self, file, name):
        """Of each such line."""
        found = re.findall(rf"^\s*{name} (\d+)s\b", (FOLDER / "proxy" / file).read_text(), flags=re.M)
        self.assertTrue(found, name)
        return [int(value) for value in found]

    def test_a_paused_player_keeps_its_connection_on_either_side(self):
        for name in ("send_timeout", "proxy_send_timeout", "proxy_read_timeout"):
            self.assertEqual(self.seconds("nginx.conf", name), [self.default("http.stall_timeout")], name)

    def test_a_connection_that_idles_is_closed_by_the_proxy_before_carreld_does(self):
        for file, name in (("nginx.conf", "keepalive_timeout"), ("Caddyfile", "keepalive")):
            self.assertLess(max(self.seconds(file, name)), self.default("http.idle_timeout"), file)


class Monitoring(unittest.TestCase):
    def test_prometheus_takes_its_configuration(self):
        done = subprocess.run(["promtool", "check", "config", FOLDER / "monitoring/prometheus.yaml"], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("rule", done.stdout)

    def test_grafana_finds_its_dashboard_where_it_is_mounted(self):
        text = compose("monitoring").stdout
        provider = (FOLDER / "monitoring/grafana/dashboards.yaml").read_text()
        path = re.search(r"path: (\S+)", provider).group(1)
        self.assertIn(f"dashboard.json:{path}/dashboard.json:ro", text)
        for name in re.findall(r"- (\S+?):/\S+:ro", text):
            self.assertTrue(pathlib.Path(name).is_file(), name)
        json.loads((FOLDER / "monitoring/dashboard.json").read_text())


if __name__ == "__main__":
    unittest.main()
