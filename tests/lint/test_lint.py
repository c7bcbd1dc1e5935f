"""The rules of the house that a compiler does not hold."""

import os
import pathlib
import re
import unittest

SOURCE = pathlib.Path(os.environ["CARREL_SOURCE_DIR"])
CODE = [path for folder in ("base", "terminal", "streamer", "converter", "orchestrator", "hwtune") for path in (SOURCE / folder).rglob("*.[ch]pp")
        if "node_modules" not in path.parts]


def bare(text):
    """Without what comments and strings say."""
    text = re.sub(r'R"(\w*)\(.*?\)\1"', '""', text, flags=re.S)
    text = re.sub(r'"(\\.|[^"\\\n])*"', '""', text)
    return re.sub(r"//[^\n]*", "", text)


class Coroutines(unittest.TestCase):
    def test_one_await_per_statement_and_never_in_a_condition_or_a_ternary(self):
        for path in CODE:
            for statement in re.split(r"[;{}]", bare(path.read_text())):
                count = len(re.findall(r"\bco_await\b", statement))
                if count == 0:
                    continue
                where = f"{path.relative_to(SOURCE)}: {' '.join(statement.split())}"
                self.assertEqual(count, 1, where)
                before = statement.split("co_await")[0]
                self.assertNotRegex(before, r"\b(if|while|switch|for)\s*\([^)]*$", where)
                self.assertNotRegex(before, r"[^:]\?[^:]*$|\?.*[^:]:[^:]*$", where)
                self.assertNotRegex(before, r"\w\s*\([^()]*$", where)

    def test_operands_are_named(self):
        for path in CODE:
            for awaited in re.findall(r"\bco_await\b([^;]*);", bare(path.read_text())):
                self.assertNotRegex(awaited, r'\{|""|asio::buffer\(', f"{path.relative_to(SOURCE)}: {' '.join(awaited.split())}")

    def test_no_default_argument_is_a_temporary(self):
        for path in CODE:
            for declared in re.findall(r"awaitable<[^;{}]*=\s*\{", path.read_text()):
                self.fail(f"{path.relative_to(SOURCE)}: {' '.join(declared.split())}: name the default value")


class Layers(unittest.TestCase):
    allowed = {
        "base": {"base"},
        "streamer/protocol": {"base", "streamer/protocol"},
        "orchestrator/store": {"base", "orchestrator/lib", "orchestrator/store"},
        "orchestrator/accounts": {"base", "orchestrator/lib", "orchestrator/store", "orchestrator/accounts"},
        "orchestrator/cgroup": {"base", "orchestrator/cgroup"},
        "orchestrator/sandbox": {"base", "streamer/protocol", "orchestrator/cgroup", "orchestrator/lib",
                                 "orchestrator/observe", "orchestrator/store", "orchestrator/sandbox"},
        "orchestrator/library": {"base", "streamer/protocol", "orchestrator/lib", "orchestrator/observe",
                                 "orchestrator/store", "orchestrator/library"},
        "orchestrator/jobs": {"base", "streamer/protocol", "orchestrator/lib", "orchestrator/observe",
                              "orchestrator/store", "orchestrator/library", "orchestrator/jobs"},
        "hwtune": {"base", "terminal", "orchestrator/config", "orchestrator/lib", "hwtune"},
        "terminal": {"base", "terminal"},
        "converter": {"base", "streamer/protocol", "streamer/index", "streamer/package", "streamer/serve",
                      "streamer/jail", "streamer/libav", "converter"},
    }
    headers = {
        r"boost/beast": "orchestrator/http/wire.",
        r"curl/": "orchestrator/lib/curl/",
        r"sqlite3\.h": "orchestrator/lib/sqlite/",
        r"openssl/": "orchestrator/lib/openssl/",
        r"sodium\.h": "orchestrator/lib/sodium/",
        r"lib(av|sw)\w+/": ("streamer/demux/", "streamer/libav/", "streamer/transcode/", "converter/"),
        r"x264\.h": "converter/encode/",
        r"libcgroup": "orchestrator/cgroup/",
        r"seccomp\.h": "streamer/jail/",
        r"prometheus/": "orchestrator/observe/",
        r"spdlog/": "orchestrator/observe/",
    }

    def includes(self, pattern):
        for path in CODE:
            name = str(path.relative_to(SOURCE))
            for included in re.findall(r'^#include ' + pattern, path.read_text(), flags=re.M):
                yield name, included

    def test_dependencies_point_one_way(self):
        for name, included in self.includes(r'"([^"]+)"'):
            for layer, allowed in self.allowed.items():
                if name.startswith(layer + "/") and "/" in included:
                    self.assertTrue(any(included.startswith(folder + "/") for folder in allowed), f"{name}: {included}")
            if name.startswith(("streamer/", "converter/")):
                self.assertFalse(included.startswith("orchestrator/"), f"{name}: {included}")
            if not name.startswith("converter/"):
                self.assertFalse(included.startswith("converter/"), f"{name}: {included}")

    def test_each_c_library_has_one_folder(self):
        for name, included in self.includes(r"<([^>]+)>"):
            for header, folder in self.headers.items():
                if re.match(header, included):
                    self.assertTrue(name.startswith(folder), f"{name} includes {included}; only {folder} may")


class Documents(unittest.TestCase):
    def test_every_route_is_described_and_nothing_else(self):
        table = (SOURCE / "orchestrator/http/routes.cpp").read_text()
        routes = {f"{method.upper().rstrip('_')} {pattern}"
                  for method, pattern in re.findall(r'Method::(\w+), "([^"]+)"', table)}
        described = set(re.findall(r"`((?:GET|POST|PUT|PATCH|DELETE) /[^`]*)`", (SOURCE / "docs/api.md").read_text()))
        self.assertEqual(routes, described)

    def test_every_problem_type_is_described(self):
        slugs = set()
        for path in (SOURCE / "orchestrator/http").glob("*.cpp"):
            slugs |= set(re.findall(r'problem(?:_later)?\(\s*\d{3}, "([a-z-]+)"', path.read_text()))
        described = set(re.findall(r"`([a-z]+(?:-[a-z]+)*)`", (SOURCE / "docs/api.md").read_text()))
        self.assertTrue(slugs)
        self.assertEqual(slugs - described, set())

    def test_log_levels_knows_every_part_and_no_other(self):
        named = set()
        for path in CODE:
            named |= set(re.findall(r'(?:\blog::(?:debug|info|warn|error)|\btell)\(\s*(?:[^"();]*\?\s*)?"([a-z_]+)\.[a-z_]+"',
                                    path.read_text()))
        listed = re.search(r"log_parts\{([^}]*)\}", (SOURCE / "orchestrator/config/texts.cpp").read_text())
        self.assertEqual(named, set(re.findall(r'"(\w+)"', listed[1])))

    def test_links_between_documents_lead_somewhere(self):
        for page in [*SOURCE.glob("*.md"), *(SOURCE / "docs").glob("*.md")]:
            for link in re.findall(r"\]\(([^)#:]+)\)", page.read_text()):
                self.assertTrue((page.parent / link).exists(), f"{page.name}: {link}")


class Files(unittest.TestCase):
    def test_none_is_too_long_to_be_read_at_once(self):
        for path in CODE:
            lines = len(path.read_text().splitlines())
            self.assertLessEqual(lines, 400, f"{path.relative_to(SOURCE)} has {lines} lines")


if __name__ == "__main__":
    unittest.main()
