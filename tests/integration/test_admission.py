"""More people than booths: everybody may log in, and who finds none free is told so until one is."""

import unittest

from carrel import Daemon, FilmsTest, docker, make_film, wait_for

BOOTHS = 2


class Admission(FilmsTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        make_film(cls.films / "Film.mp4", 3)
        cls.daemon = cls.enterClassContext(Daemon(cls.films, CARREL_SANDBOX_MAX_TOTAL=str(BOOTHS)))

    def setUp(self):
        wait_for("no booth", lambda: not self.daemon.containers())
        self.people = []

    def tearDown(self):
        for client in self.people:
            client.request("POST", "/api/v1/auth/logout")
            client.close()

    def log_in(self):
        self.people.append(self.daemon.client())
        return self.people[-1]

    def test_a_booth_more_than_there_are(self):
        first = self.log_in()
        self.daemon.wait_until_indexed(first)
        path = f"/stream/{first.video('Film')['id']}/original"
        others = [self.log_in() for _ in range(4)]
        self.assertEqual([first.get(path).status, others[0].get(path).status], [200, 200])
        for client in others[1:]:
            refused = client.get(path)
            self.assertEqual((refused.status, client.get("/api/v1/me").status), (429, 200))
            self.assertGreaterEqual(int(refused.headers["Retry-After"]), 1)
        self.assertEqual(len(self.daemon.containers()), BOOTHS)
        first.request("POST", "/api/v1/auth/logout")
        wait_for("a free booth", lambda: others[1].get(path).status == 200)
        self.assertEqual(others[2].get(path).status, 429)

    def test_a_lost_booth_is_replaced_even_when_all_are_taken(self):
        first, second = self.log_in(), self.log_in()
        self.daemon.wait_until_indexed(first)
        path = f"/stream/{first.video('Film')['id']}/original"
        self.assertEqual([first.get(path).status, second.get(path).status], [200, 200])
        for container in self.daemon.containers():
            docker("kill", container["Id"])
        self.assertEqual([first.get(path).status, second.get(path).status], [200, 200])


if __name__ == "__main__":
    unittest.main()
