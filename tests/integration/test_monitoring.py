"""What alert rules and dashboard ask for is what a daemon at work tells."""

import json
import re
import tempfile
import unittest

from carrel import SOURCE, Certificate, Daemon, make_film, wait_for

FOLDER = SOURCE / "compose/monitoring"
SELECTOR = re.compile(r"\b(carrel_\w+)(?:\{([^}]*)\})?")


def expressions():
    rules = re.split(r"^\s+- alert: ", (FOLDER / "alerts.yaml").read_text(), flags=re.M)[1:]
    for rule in rules:
        yield rule.split("\n", 1)[0], re.search(r"expr: (.*?)\n\s+(?:for|labels):", rule, flags=re.S).group(1)
    for panel in json.loads((FOLDER / "dashboard.json").read_text())["panels"]:
        for target in panel.get("targets", []):
            yield panel["title"], target["expr"]


class Monitoring(unittest.TestCase):
    def test_every_series_that_is_asked_for_exists(self):
        with tempfile.TemporaryDirectory() as films, tempfile.TemporaryDirectory() as keys:
            make_film(f"{films}/Film.mp4", 2)
            with Daemon(films, Certificate(keys)) as daemon:
                client = daemon.client()
                daemon.wait_until_indexed(client)

                def series():
                    text = client.get("/metrics").body.decode()
                    found = [(name, dict(re.findall(r'(\w+)="([^"]*)"', labels or "")))
                             for name, labels in re.findall(r"^(\w+)(?:\{(.*)\})? ", text, flags=re.M)]
                    return "carrel_sandbox_memory_bytes" in text and found

                known = wait_for("a measured sandbox", series)
                client.close()
        count = 0
        # What node_exporter passes on: no machine has all of it.
        written = (SOURCE / "hwtune/watch/prometheus.cpp").read_text()
        for where, expression in expressions():
            for name, labels in SELECTOR.findall(expression):
                if name.startswith("carrel_machine_"):
                    self.assertIn(f'"{name}"', written, where)
                    continue
                alike = [one for known_name, one in known if known_name == name]
                self.assertTrue(alike, f"{where}: no metric {name}")
                for label, how, wanted in re.findall(r'(\w+)(=~|!~|=)"([^"]*)"', labels):
                    if label == "instance":
                        continue  # added by Prometheus
                    for value in wanted.split("|"):
                        self.assertIn(value, {one.get(label) for one in alike}, f"{where}: {name} {label}{how}")
                count += 1
        self.assertGreater(count, 50)


if __name__ == "__main__":
    unittest.main()
