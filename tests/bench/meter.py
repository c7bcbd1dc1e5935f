"""What a measurement is made of: CPU time of containers and processes, and many samples brought to one number."""

import os
import pathlib
import statistics
import time
from dataclasses import dataclass

TICK = os.sysconf("SC_CLK_TCK")


def container_cpu_seconds(pid):
    """CPU time that the cgroup of a container has used, read from the cgroup itself (v1 or v2)."""
    for line in pathlib.Path(f"/proc/{pid}/cgroup").read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        if "cpuacct" in controllers.split(","):
            for folder in ("cpuacct", controllers):
                usage = pathlib.Path(f"/sys/fs/cgroup/{folder}{path}/cpuacct.usage")
                if usage.exists():
                    return int(usage.read_text()) / 1e9
        if controllers == "":
            stat = pathlib.Path(f"/sys/fs/cgroup{path}/cpu.stat")
            for entry in stat.read_text().splitlines() if stat.exists() else ():
                name, value = entry.split()
                if name == "usage_usec":
                    return int(value) / 1e6
    raise RuntimeError(f"no CPU accounting was found in the cgroup of process {pid}")


def process_cpu_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICK


@dataclass(frozen=True)
class Sample:
    bytes: int
    seconds: float
    cpu_seconds: float

    @property
    def throughput(self):
        return self.bytes / self.seconds

    @property
    def per_cpu_second(self):
        return self.bytes / self.cpu_seconds


def measure(cpu_seconds, work):
    """`work()` returns how many bytes it moved; `cpu_seconds()` is asked before and after."""
    cpu, began = cpu_seconds(), time.monotonic()
    count = work()
    return Sample(count, time.monotonic() - began, cpu_seconds() - cpu)


def interleaved(rounds, contenders):
    """A B C, C B A, …, so that what else the machine does, and who went before, meets all alike.

    The first round warms up and is dropped.
    """
    samples = {name: [] for name in contenders}
    for number in range(rounds + 1):
        for name in list(contenders)[::-1 if number % 2 else 1]:
            sample = contenders[name]()
            if number > 0:
                samples[name].append(sample)
    return samples


def spread(values):
    values = list(values)
    return {"median": statistics.median(values), "min": min(values), "max": max(values), "count": len(values)}


def ratios(ours, theirs, value):
    """Of each round's pair, never of two medians."""
    return spread(value(a) / value(b) for a, b in zip(ours, theirs, strict=True))


def summary(samples):
    return {name: {"bytes_per_second": spread(s.throughput for s in some),
                   "bytes_per_cpu_second": spread(s.per_cpu_second for s in some)}
            for name, some in samples.items()}
