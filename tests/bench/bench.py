"""Ratios in one run, each of two things measured in turn on this machine. Nothing here asserts a time.

Run it as `scripts/test bench`, which builds what it needs and says where it is (CARREL_BUILD_DIR, CARREL_SOURCE_DIR).
"""

import argparse
import contextlib
import json
import os
import pathlib
import platform
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "integration"))

import film_cost  # noqa: E402
import films  # noqa: E402  (after the path is set)
import first_byte  # noqa: E402
import memory_cost  # noqa: E402
import range_throughput  # noqa: E402
import sandboxes  # noqa: E402
import segment_cost  # noqa: E402
import table  # noqa: E402
from carrel import Daemon, docker, wait_for  # noqa: E402

PARTS = ("range", "segment", "start", "sandboxes", "films")


def options():
    parser = argparse.ArgumentParser(description="Measures ranges, segments, starts, sandboxes and films, as ratios.")
    parser.add_argument("--json", metavar="FILE", help="also write the numbers there; - is standard output")
    parser.add_argument("--part", choices=PARTS, action="append", help="only this (may be given again)")
    parser.add_argument("--image", default="carrel-streamer", help="the streamer's image (default: %(default)s)")
    parser.add_argument("--film-seconds", type=int, default=60, help="length of the HLS film (default: %(default)s)")
    parser.add_argument("--film-rate", type=int, default=6_000_000, help="its bits per second (default: %(default)s)")
    return parser.parse_args()


def measure(chosen, parts):
    with contextlib.ExitStack() as stack:
        folder = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="carrel-bench-")))
        # nginx reads it as nobody in particular.
        folder.chmod(0o755)
        mp4, mkv = films.make_busy(folder, chosen.film_seconds, chosen.film_rate)
        for film in (films.make_large(folder), mp4, mkv):
            films.fill_cache(film)
        daemon = stack.enter_context(Daemon(folder, CARREL_SANDBOX_IMAGE=chosen.image))
        client = daemon.client()
        stack.callback(client.close)
        daemon.wait_until_indexed(client)
        container = wait_for("the container", daemon.containers)[0]
        result = {}
        if "range" in parts:
            result["range_throughput"] = range_throughput.run(daemon, client, folder, container)
        if "segment" in parts:
            result["segment_cost"] = segment_cost.run(daemon, client, container, {"mp4": mp4, "mkv": mkv})
        if "start" in parts:
            video = client.video(segment_cost.TITLES["mp4"])["id"]
            client.request("POST", "/api/v1/auth/logout")
            wait_for("the container's end", lambda: not daemon.containers())
            result["first_byte"] = first_byte.run(daemon, video, chosen.image)
        if "sandboxes" in parts:
            # Daemons of its own: none of the first one's sandboxes may be in the way.
            client.request("POST", "/api/v1/auth/logout")
            result["sandboxes"] = sandboxes.run(folder, chosen.image, segment_cost.TITLES["mp4"])
        if "films" in parts:
            client.request("POST", "/api/v1/auth/logout")
            long = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="carrel-bench-")))
            result["films"] = {**film_cost.run(long, chosen.image), "memory": memory_cost.run(chosen.image)}
        return result


def main():
    chosen = options()
    result = {
        "machine": {"cpus": os.cpu_count(), "kernel": platform.release(), "architecture": platform.machine(),
                    "engine": docker("version", "--format", "{{.Server.Version}}")},
        **measure(chosen, chosen.part or PARTS),
    }
    text = json.dumps(result, indent=2)
    if chosen.json == "-":
        print(text)
        return
    if chosen.json:
        pathlib.Path(chosen.json).write_text(text + "\n")
    print(table.render(result))


if __name__ == "__main__":
    main()
