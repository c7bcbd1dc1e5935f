"""Eight viewers on eight films in one sandbox: what its process holds in memory at the most."""

import concurrent.futures
import contextlib
import pathlib
import re
import shutil
from urllib.parse import urljoin

from carrel import Client, make_film, settle, wait_for

VIEWERS = 8
# Three containers, and each kind of work on the sound: sent as it is, scattered over the film, decoded and made anew.
KINDS = (("mp4", ("-c:a", "aac")), ("mkv", ("-c:a", "ac3")), ("ts", ("-c:a", "aac")), ("ts", ("-c:a", "ac3")))


def make_films(folder, seconds=30):
    for number, (suffix, audio) in enumerate(KINDS):
        first = make_film(folder / f"Viewed_{number}.{suffix}", seconds, rate="4M", audio=audio)
        again = folder / f"Viewed_{number + len(KINDS)}.{suffix}"
        shutil.copyfile(first, again)
        settle(again)


def uris_of(playlist):
    found = re.findall(r'URI="([^"]+)"', playlist) + [line for line in playlist.splitlines() if line and not line.startswith("#")]
    return list(dict.fromkeys(found))


def watch(daemon, cookie, video):
    """Everything that the film's playlists name, twice over, as a hurried player would fetch it."""
    with contextlib.closing(Client(daemon)) as client:
        client.cookie = cookie
        total = 0

        def get(path):
            nonlocal total
            answer = client.get(path)
            assert answer.status in (200, 206), (path, answer.status, answer.body[:200])
            total += len(answer.body)
            return answer.body

        root = f"/stream/{video['id']}/"
        for uri in uris_of(get(root + "master.m3u8").decode()):
            playlist = urljoin(root, uri)
            for part in uris_of(get(playlist).decode()):
                get(urljoin(playlist, part))
        return total


def status_bytes(pid, name):
    return int(re.search(rf"^{name}:\s+(\d+) kB", pathlib.Path(f"/proc/{pid}/status").read_text(), re.M).group(1)) << 10


def measure(daemon, client):
    """Bytes that went out, and the most that the sandbox's process ever had resident, its own and its program's."""
    videos = [video for video in daemon.wait_until_indexed(client) if video["title"].startswith("Viewed")]
    assert len(videos) == VIEWERS, videos
    (container,) = wait_for("the sandbox", daemon.containers)
    with concurrent.futures.ThreadPoolExecutor(VIEWERS) as pool:
        sizes = list(pool.map(lambda video: watch(daemon, client.cookie, video), videos))
    (after,) = daemon.containers()
    assert after["Id"] == container["Id"], "the sandbox was replaced"
    pid = container["State"]["Pid"]
    return {"bytes": sum(sizes), "peak_bytes": status_bytes(pid, "VmHWM"), "anonymous_bytes": status_bytes(pid, "RssAnon")}
