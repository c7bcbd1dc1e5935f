"""What an administrator sees who asks this host to prove that a sandbox holds."""

import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "integration"))

from carrel import Daemon, wait_for  # noqa: E402

FEWEST_ATTEMPTS = 80


class Verify(unittest.TestCase):
    def test_every_attempt_fails_and_nothing_is_left(self):
        with tempfile.TemporaryDirectory() as films, Daemon(films) as daemon:
            admin = daemon.client()
            answer = admin.request("POST", "/api/v1/admin/sandboxes/verify")
            self.assertEqual(answer.status, 200, answer.body)
            lines = answer.json()["items"]
            for line in lines:
                print(f"{line['attempt']:50} {line['outcome']:20} {'ok' if line['ok'] else 'NOT AS EXPECTED'}")
            self.assertEqual([line for line in lines if not line["ok"]], [])
            self.assertGreaterEqual(len(lines), FEWEST_ATTEMPTS)
            self.assertIn("jail", lines[-1]["attempt"])
            wait_for("its removal", lambda: not daemon.containers("verifier"))

            daemon.add_user("viewer", "another horse battery staple")
            viewer = daemon.client("viewer", "another horse battery staple")
            self.assertEqual(viewer.request("POST", "/api/v1/admin/sandboxes/verify").status, 403)
            viewer.close()
            admin.close()


if __name__ == "__main__":
    unittest.main()
