"""Alert rules, dashboard and their page: valid, tested and described, each."""

import json
import os
import pathlib
import re
import subprocess
import unittest

SOURCE = pathlib.Path(os.environ["CARREL_SOURCE_DIR"])
FOLDER = SOURCE / "compose/monitoring"


def promtool(*arguments):
    return subprocess.run(["promtool", *arguments], cwd=FOLDER, capture_output=True, text=True)


class Alerts(unittest.TestCase):
    def setUp(self):
        self.names = re.findall(r"- alert: (\w+)", (FOLDER / "alerts.yaml").read_text())

    def test_the_rules_are_valid(self):
        checked = promtool("check", "rules", "alerts.yaml")
        self.assertEqual(checked.returncode, 0, checked.stdout + checked.stderr)

    def test_the_rules_do_what_they_should(self):
        tested = promtool("test", "rules", "alerts_test.yaml")
        self.assertEqual(tested.returncode, 0, tested.stdout + tested.stderr)

    def test_each_alert_has_a_case_that_fires_and_one_that_does_not(self):
        text = (FOLDER / "alerts_test.yaml").read_text()
        self.assertTrue(self.names)
        for name in self.names:
            self.assertIn(f"- name: {name} fires\n", text)
            self.assertIn(f"- name: {name} stays quiet\n", text)

    def test_each_alert_is_described_and_nothing_else(self):
        described = re.findall(r"^\| `(Carrel\w+)`", (SOURCE / "docs/monitoring.md").read_text(), flags=re.M)
        self.assertEqual(described, self.names)


class Dashboard(unittest.TestCase):
    def setUp(self):
        self.dashboard = json.loads((FOLDER / "dashboard.json").read_text())
        self.panels = [panel for panel in self.dashboard["panels"] if panel["type"] != "row"]

    def test_panels_have_what_grafana_needs(self):
        numbers = [panel["id"] for panel in self.dashboard["panels"]]
        self.assertEqual(len(numbers), len(set(numbers)))
        for panel in self.panels:
            self.assertTrue(panel["title"] and panel["description"] and panel["targets"], panel)
            self.assertEqual(panel["datasource"], {"type": "prometheus", "uid": "${datasource}"})
            references = [target["refId"] for target in panel["targets"]]
            self.assertEqual(len(references), len(set(references)), panel["title"])

    def test_panels_do_not_cover_each_other(self):
        taken = set()
        for panel in self.dashboard["panels"]:
            place = panel["gridPos"]
            self.assertLessEqual(place["x"] + place["w"], 24, panel["title"])
            for x in range(place["x"], place["x"] + place["w"]):
                for y in range(place["y"], place["y"] + place["h"]):
                    self.assertNotIn((x, y), taken, panel["title"])
                    taken.add((x, y))

    def test_every_expression_is_promql(self):
        rules = {"groups": [{"name": "dashboard", "rules": [
            {"record": f"panel:{panel['id']}:{target['refId']}",
             "expr": target["expr"].replace("$__rate_interval", "5m").replace("$instance", ".*")}
            for panel in self.panels for target in panel["targets"]]}]}
        # JSON is YAML too.
        checked = subprocess.run(["promtool", "check", "rules", "/dev/stdin"], input=json.dumps(rules),
                                 capture_output=True, text=True)
        self.assertEqual(checked.returncode, 0, checked.stdout + checked.stderr)


if __name__ == "__main__":
    unittest.main()
