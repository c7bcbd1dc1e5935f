"""From what happened to the viewers and what the machine used, to what one must know."""

import collections

START_LIMIT = 2.0  # seconds, for 99 of 100
# What viewers are to leave of the reference machine: i5 of the third generation, 8 GB, gigabit.
CPU_LIMIT = 0.8
MEMORY_LIMIT = 6 << 30
MBIT_LIMIT = 0.8 * 1000
LIMITED_VIEWERS = 8  # up to so many must leave it; more of them may use the machine up
CPU_FULL = 0.95
MEMORY_SHORT = 2 * (128 << 20)  # of what is available; twice admission.memory_reserve: from here on carreld sheds load
THROTTLED = 0.1


def percentile(values, share):
    """Nearest rank; None of nothing."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else None


def percentiles(values):
    return {"count": len(values), **{name: percentile(values, share) for name, share in
                                     (("p50", 0.5), ("p90", 0.9), ("p99", 0.99), ("max", 1.0))}}


def by_second(events):
    """Mbit/s of the segments that ended in each second."""
    sums = collections.Counter()
    for event in events:
        if event["event"] == "segment":
            sums[int(event["t"])] += event["bytes"] * 8 / 1e6
    return [(second, sums[second]) for second in range(max(sums, default=0) + 1)]


def judge(viewers, events, sampler, steady):
    """`steady`: from when to when all were there, in seconds."""
    of = collections.defaultdict(list)
    for event in events:
        of[event["event"]].append(event)
    swift = [event for event in of["start"] if event["habit"] != "slow line"]
    during = [sample for sample in sampler.samples if steady[0] <= sample["t"] <= steady[1]] or sampler.samples
    mean = {name: sum(sample["cpu"][name] for sample in during) / len(during) for name in during[0]["cpu"]}
    throttling = sampler.throttling()
    result = {
        "viewers": viewers,
        "start": percentiles([event["seconds"] for event in swift]),
        "start_slow_line": percentiles([event["seconds"] for event in of["start"] if event["habit"] == "slow line"]),
        "login": percentiles([event["seconds"] for event in of["login"]]),
        "seek": percentiles([event["seconds"] for event in of["seek"]]),
        # One that was begun just before its viewer had to go tells nothing.
        "unfinished_seeks": sum(event["seconds"] >= START_LIMIT for event in of["unfinished seek"]),
        "first_byte": percentiles([event["first_byte"] for event in of["segment"]]),
        "stalls": len(of["stall"]), "stalled_seconds": sum(event["seconds"] for event in of["stall"]),
        "refused": len(of["refused"]), "errors": len(of["error"]),
        "error_texts": collections.Counter(event["what"][:160] for event in of["error"] + of["refused"]).most_common(5),
        "segments": len(of["segment"]), "never_started": viewers - len(of["start"]),
        "mbit_per_second": sum(value for second, value in by_second(events) if steady[0] <= second < steady[1]) /
        max(1, steady[1] - steady[0]),
        "cpu": mean, "cpu_most": max(sample["cpu"]["machine"] for sample in during),
        # A login's password takes 64 MiB for a tenth of a second: what stays is asked here.
        "daemon_memory": max(sample["daemon_memory"] for sample in during),
        "sandbox_memory": max(sample["sandbox_memory"] for sample in sampler.samples),
        "memory": max(sample["daemon_memory"] + sample["sandbox_memory"] for sample in sampler.samples),
        "sandbox_memory_most": max(sample["sandbox_memory_most"] for sample in sampler.samples),
        "memory_available": min(sample["memory_available"] for sample in sampler.samples),
        "sandboxes": max(sample["sandboxes"] for sample in sampler.samples),
        "throttled": percentiles(throttling), "throttling": throttling,
        "temperature": max((sample["temperature"] for sample in sampler.samples if sample["temperature"] is not None), default=None),
    }
    result["broken"] = broken(result)
    result["bottleneck"] = bottleneck(result)
    return result


def broken(result):
    """What did not hold; empty when all of it did."""
    found = []
    if result["never_started"]:
        found.append(f"{result['never_started']} never started")
    if result["start"]["p99"] is not None and result["start"]["p99"] >= START_LIMIT:
        found.append(f"a start took {result['start']['p99']:.1f} s at p99")
    if result["stalls"]:
        found.append(f"{result['stalls']} stalls, {result['stalled_seconds']:.1f} s in all")
    if result["unfinished_seeks"]:
        found.append(f"{result['unfinished_seeks']} seeks never ended")
    if result["errors"]:
        found.append(f"{result['errors']} errors")
    if result["refused"]:
        found.append(f"{result['refused']} refusals")
    if result["viewers"] <= LIMITED_VIEWERS:
        if result["cpu"]["machine"] > CPU_LIMIT:
            found.append(f"the CPUs were {result['cpu']['machine']:.0%} busy")
        if result["memory"] > MEMORY_LIMIT:
            found.append(f"the daemon and all sandboxes had {result['memory'] >> 20} MiB")
        if result["mbit_per_second"] > MBIT_LIMIT:
            found.append(f"{result['mbit_per_second']:.0f} Mbit/s")
    return found


def failures(results, asked):
    """Of the numbers of viewers that were asked for, what did not hold; those beyond are there to break."""
    return [f"{result['viewers']} viewers: {', '.join(result['broken'])}" for result in results[:asked] if result["broken"]]


def bottleneck(result):
    cpu = result["cpu"]
    parts = ", ".join(f"{name} {cpu[name]:.0%}" for name in ("sandboxes", "daemon", "engine", "generator"))
    # Before refusals: a machine that is used up refuses.
    if cpu["machine"] >= CPU_FULL:
        return f"the machine's CPUs, all busy ({parts})"
    if result["memory_available"] < MEMORY_SHORT:
        return (f"the machine's memory, {result['memory_available'] >> 20} MiB of it left (the daemon and all sandboxes had "
                f"{result['memory'] >> 20} MiB)")
    if result["refused"]:
        return f"admission: {result['error_texts'][0][0] if result['error_texts'] else ''}"
    if (result["throttled"]["p90"] or 0) >= THROTTLED:
        return f"the CPU limit of a sandbox (a tenth were held back in {result['throttled']['p90']:.0%} of their periods)"
    # The viewers come over the loopback interface, which has no speed: what can be told is that a gigabit would be full.
    if result["mbit_per_second"] >= MBIT_LIMIT:
        return f"the network where it is a gigabit: {result['mbit_per_second']:.0f} Mbit/s, of which {MBIT_LIMIT:.0f} are to be used"
    return f"none; the CPUs come first, {cpu['machine']:.0%} busy ({parts})"
