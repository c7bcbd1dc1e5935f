"""Where a viewer stopped: kept for each user and film, whatever device asks, until the film is nearly over or the user gone."""

import contextlib
import unittest

from carrel import Client, Daemon, FilmsTest, make_film, wait_for

PASSWORD = "a password that is long"
LENGTH = 40


class Positions(FilmsTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        make_film(cls.films / "Long.mp4", LENGTH)
        make_film(cls.films / "Other.mp4", LENGTH)

    def setUp(self):
        self.stack = contextlib.ExitStack()
        self.addCleanup(self.stack.close)
        self.daemon = self.stack.enter_context(Daemon(self.films))
        for name in ("anna", "ben"):
            self.daemon.add_user(name, PASSWORD)
        self.anna = self.client("anna")
        self.daemon.wait_until_indexed(self.anna)
        self.film = self.anna.video("Long")["id"]

    def client(self, name):
        return self.stack.enter_context(contextlib.closing(self.daemon.client(name, PASSWORD)))

    def stop_at(self, client, seconds, film=None, **headers):
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return client.request("PUT", f"/api/v1/videos/{film or self.film}/position", {"seconds": seconds}, named)

    def position(self, client, film=None):
        """Of a film by itself; the list has to say the same."""
        film = film or self.film
        alone = client.get(f"/api/v1/videos/{film}").json()["position_seconds"]
        listed = {video["id"]: video["position_seconds"] for video in client.videos()}
        self.assertEqual(listed[film], alone)
        return alone

    def test_one_user_goes_on_where_they_stopped_on_every_device(self):
        self.assertIsNone(self.position(self.anna))
        self.assertEqual(self.stop_at(self.anna, 12.9).status, 204)
        self.assertEqual(self.position(self.anna), 12)
        television, ben = self.client("anna"), self.client("ben")
        self.assertEqual(self.position(television), 12)
        self.assertIsNone(self.position(ben))
        self.stop_at(television, 20)
        self.stop_at(ben, 7)
        other = self.anna.video("Other")["id"]
        self.stop_at(ben, 3, other)
        self.assertEqual((self.position(self.anna), self.position(self.anna, other)), (20, None))
        self.assertEqual((self.position(ben), self.position(ben, other)), (7, 3))

    def test_it_outlives_the_session_and_the_daemon(self):
        self.stop_at(self.anna, 15)
        self.anna.request("POST", "/api/v1/auth/logout")
        self.daemon.stop()
        self.daemon.start()
        self.assertEqual(self.position(self.client("anna")), 15)

    def test_the_beginning_and_the_end_are_no_place_to_go_on(self):
        for seconds, kept in ((LENGTH * 0.94, int(LENGTH * 0.94)), (LENGTH * 0.96, None), (9, 9), (0, None), (9, 9),
                              (LENGTH + 100, None)):
            self.assertEqual(self.stop_at(self.anna, seconds).status, 204)
            self.assertEqual(self.position(self.anna), kept, seconds)

    def test_it_goes_with_the_user(self):
        self.stop_at(self.anna, 15)
        with contextlib.closing(self.daemon.client()) as admin:
            self.assertEqual(admin.request("DELETE", "/api/v1/admin/users/anna").status, 204)
        self.assertEqual(self.stop_at(self.anna, 16).status, 401)
        self.daemon.add_user("anna", PASSWORD)
        self.assertIsNone(self.position(self.client("anna")))

    def test_what_is_not_right_changes_nothing(self):
        self.stop_at(self.anna, 15)
        for body in ({}, {"seconds": -1}, {"seconds": "3"}, {"seconds": None}, {"seconds": True}, []):
            answer = self.anna.request("PUT", f"/api/v1/videos/{self.film}/position", body)
            self.assertEqual((answer.status, answer.json()["type"]), (400, "urn:carrel:problem:invalid"), body)
        self.assertEqual(self.stop_at(self.anna, 16, "0190a0b0-0000-7000-8000-000000000000").status, 404)
        self.assertEqual(self.stop_at(self.anna, 16, Origin="https://elsewhere").status, 403)
        self.assertEqual(self.stop_at(self.anna, 16, Sec_Fetch_Site="cross-site").status, 403)
        with contextlib.closing(Client(self.daemon)) as stranger:
            self.assertEqual(self.stop_at(stranger, 16).status, 401)
        self.assertEqual(self.position(self.anna), 15)

    def test_who_tells_positions_in_a_loop_is_slowed_down_and_nobody_else(self):
        statuses = []
        while 429 not in statuses and len(statuses) < 1000:
            refused = self.stop_at(self.anna, 5 + len(statuses) % 20)
            statuses.append(refused.status)
        self.assertEqual(set(statuses[:60]), {204})
        self.assertEqual((refused.status, refused.json()["type"]), (429, "urn:carrel:problem:too-many-positions"))
        self.assertGreaterEqual(int(refused.headers["Retry-After"]), 1)
        self.assertEqual(self.stop_at(self.client("ben"), 9).status, 204)
        wait_for("room for another", lambda: self.stop_at(self.anna, 9).status == 204)
        self.assertEqual(self.position(self.anna), 9)


if __name__ == "__main__":
    unittest.main()
