"""What is made of a run: its figures, what broke, what was the bottleneck, and how the report shows them beside the limits."""

import os
import pathlib
import tempfile
import unittest

import report
from sampler import Cgroup, Sampler, cpu_of, machine_cpu, memory_available, resident
from verdict import CPU_LIMIT, MBIT_LIMIT, MEMORY_LIMIT, failures, judge, percentiles

MIB = 1 << 20


class Seen:
    """What a sampler saw of a machine on which nothing happens, but for what is said."""

    def __init__(self, machine=0.3, throttling=(), available=4096 * MIB, sandboxes=100 * MIB):
        cpu = {"machine": machine, "daemon": 0.1, "generator": 0.1, "engine": 0.0, "sandboxes": 0.1}
        self.samples = [{"t": t, "cpu": cpu, "daemon_memory": 50 * MIB, "sandbox_memory": sandboxes, "sandbox_memory_most": 9 * MIB,
                         "sandboxes": 8, "memory_available": available, "temperature": None} for t in range(20)]
        self.shares = list(throttling)

    def throttling(self):
        return self.shares


def segments(mbit):
    """One a second, from the tenth second to the twentieth."""
    return [{"event": "segment", "t": t + 0.5, "bytes": mbit * 1e6 / 8, "first_byte": 0.01} for t in range(10, 20)]


def start(seconds, habit="watches"):
    return {"event": "start", "t": 1, "seconds": seconds, "habit": habit}


def judged(events=(), viewers=1, mbit=8, **seen):
    return judge(viewers, [*events, *segments(mbit)], Seen(**seen), (10, 20))


class Figures(unittest.TestCase):
    def test_percentiles_are_of_the_nearest_rank(self):
        found = percentiles([n / 100 for n in range(100, 0, -1)])
        self.assertEqual((found["count"], found["p50"], found["p99"], found["max"]), (100, 0.51, 1.0, 1.0))
        self.assertIsNone(percentiles([])["p99"])

    def test_throughput_is_of_the_time_when_all_were_there(self):
        self.assertAlmostEqual(judged(mbit=64)["mbit_per_second"], 64)

    def test_memory_is_of_the_daemon_and_all_sandboxes(self):
        self.assertEqual(judged()["memory"], 150 * MIB)


class Broken(unittest.TestCase):
    def test_all_that_holds(self):
        self.assertEqual(judged([start(0.4)])["broken"], [])

    def test_a_slow_line_may_start_late_and_nobody_else(self):
        self.assertEqual(judged([start(9, "slow line")])["broken"], [])
        self.assertEqual(judged([start(2.0)])["broken"], ["a start took 2.0 s at p99"])

    def test_each_of_the_others(self):
        for event, said in (({"event": "stall", "seconds": 1.5}, "1 stalls, 1.5 s in all"),
                            ({"event": "error", "what": "reset"}, "1 errors"), ({"event": "refused", "what": "full"}, "1 refusals")):
            self.assertEqual(judged([start(0.4), {"t": 1, **event}])["broken"], [said])
        self.assertEqual(judged([start(0.4)], viewers=3)["broken"], ["2 never started"])

    def test_a_seek_that_never_ended_unless_it_had_just_begun(self):
        for seconds, said in ((1.9, []), (2.0, ["1 seeks never ended"]), (30, ["1 seeks never ended"])):
            self.assertEqual(judged([start(0.4), {"event": "unfinished seek", "t": 20, "seconds": seconds}])["broken"], said)

    def test_what_eight_viewers_must_leave_of_the_machine_and_more_need_not(self):
        starts = [start(0.4)] * 9
        for seen, said in (({"machine": 0.81}, "the CPUs were 81% busy"), ({"mbit": 810}, "810 Mbit/s"),
                           ({"sandboxes": 6200 * MIB}, "the daemon and all sandboxes had 6250 MiB")):
            self.assertEqual(judged(starts[:8], viewers=8, **seen)["broken"], [said])
            self.assertEqual(judged(starts, viewers=9, **seen)["broken"], [])
        self.assertEqual(judged(starts[:8], viewers=8, machine=0.8, sandboxes=6000 * MIB, mbit=800)["broken"], [])

    def test_only_what_was_asked_for_fails_a_run(self):
        held, broke = judged([start(0.4)]), judged([start(3.0)])
        self.assertEqual(failures([held, held, broke], 2), [])
        self.assertEqual(failures([held, broke, broke], 2), ["1 viewers: a start took 3.0 s at p99"])


class Bottleneck(unittest.TestCase):
    refused = ({"event": "refused", "t": 1, "what": "no room"},)

    def named(self, said, *events, **seen):
        self.assertRegex(judged([start(0.4), *events], **seen)["bottleneck"], said)

    def test_each_is_named_and_what_is_used_up_comes_before_the_refusals_that_follow(self):
        self.named("^none; the CPUs come first, 30% busy")
        self.named("^the machine's CPUs, all busy", *self.refused, machine=0.96)
        self.named(r"^the machine's memory, 200 MiB of it left \(.* had 150 MiB\)", *self.refused, available=200 * MIB)
        self.named("^admission: no room", *self.refused)
        self.named("^the CPU limit of a sandbox .* 20%", throttling=[0.0] * 8 + [0.2] * 2)
        self.named("^the network where it is a gigabit: 810 Mbit/s, of which 800", mbit=810)
        self.named("^none", mbit=790)


class Report(unittest.TestCase):
    def setUp(self):
        events = [start(0.4), *segments(8)]
        self.run_of = {"machine": "a machine", "conditions": "none", "steps": [
            {"result": judge(1, events, Seen(), (10, 20)), "events": events, "samples": Seen().samples}]}

    def test_the_limits_stand_below_the_table(self):
        head, held, limits, *_ = report.lines(self.run_of)
        self.assertTrue(held.endswith("held"))
        self.assertEqual(limits.split(), ["limits", f"{MBIT_LIMIT:.0f}", "2.00", "s", "0", "80%", "6144.0", "MiB"])
        # Right-aligned under what they limit.
        for column, value in (("Mbit/s", "800"), ("start p99", "2.00 s"), ("stalls", "0"), ("CPU", "80%"), ("memory", "6144.0 MiB")):
            end = head.index(column) + len(column)
            self.assertEqual(limits[:end].rsplit("  ", 1)[1], value, column)

    def test_starts_over_slow_lines_are_told_with_what_they_are_left_out_of(self):
        events = [start(0.4), start(9, "slow line"), *segments(8)]
        self.run_of["steps"][0]["result"] = judge(2, events, Seen(), (10, 20))
        for text in (report.page(self.run_of), "\n".join(report.lines(self.run_of))):
            self.assertIn(report.NOTE, text)
            self.assertIn("1 starts over a slow line, p50 9.00 s, p99 9.00 s", text)

    def test_the_limits_are_drawn_within_their_plots(self):
        plots = {plot.title: plot for plot in report.plots(self.run_of["steps"][0])}
        for title, limit, name in (("CPU of the machine", CPU_LIMIT * 100, "the limit, 80%"), ("Throughput", 800, "80% of a gigabit"),
                                   ("Memory", MEMORY_LIMIT / MIB, "the limit, 6 GiB")):
            plot = plots[title]
            self.assertIn((name, report.LIMIT), plot.legend)
            self.assertLess(limit, plot.top)
            self.assertIn(f'y1="{plot.y(limit):.1f}"', plot.svg())
        self.assertIn("<td>6144.0 MiB</td>", report.page(self.run_of))


class Sampling(unittest.TestCase):
    def setUp(self):
        self.machine = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))

    def write(self, files):
        for name, text in files.items():
            (self.machine / name).parent.mkdir(parents=True, exist_ok=True)
            (self.machine / name).write_text(text)

    def check_cgroup(self):
        cgroup = Cgroup(7, self.machine)
        cgroup.read()
        self.assertEqual((cgroup.cpu, cgroup.memory, cgroup.periods, cgroup.throttled), (1.5, 4096, 40, 10))
        return cgroup

    def test_a_cgroup_of_version_1(self):
        self.write({"proc/7/cgroup": "4:memory:/docker/a\n3:cpu,cpuacct:/docker/a\n1:name=systemd:/docker/a\n",
                    "sys/fs/cgroup/cpu/docker/a/cpu.stat": "nr_periods 40\nnr_throttled 10\nthrottled_time 5\n",
                    "sys/fs/cgroup/cpuacct/docker/a/cpuacct.usage": "1500000000\n",
                    "sys/fs/cgroup/memory/docker/a/memory.stat": "cache 9\nrss 4096\n"})
        self.check_cgroup()

    def test_a_cgroup_of_version_2(self):
        self.write({"proc/7/cgroup": "0::/docker/a\n",
                    "sys/fs/cgroup/docker/a/cpu.stat": "usage_usec 1500000\nnr_periods 40\nnr_throttled 10\n",
                    "sys/fs/cgroup/docker/a/memory.stat": "anon 4096\nfile 9\n"})
        cgroup = self.check_cgroup()
        sampler = Sampler(os.getpid(), "none")
        sampler.cgroups["a"] = cgroup
        self.assertEqual(sampler.throttling(), [0.25])

    def test_one_that_has_gone_is_no_cgroup(self):
        self.write({"proc/7/cgroup": "0::/docker/a\n"})
        self.assertRaises(OSError, Cgroup, 7, self.machine)

    def test_a_sandbox_that_ended_has_no_memory_and_keeps_what_it_used(self):
        self.test_a_cgroup_of_version_2()
        sampler = Sampler(os.getpid(), "none")
        sampler.find_sandboxes = lambda: None  # Docker is not asked here
        sampler.began, sampler.before = 0, sampler.cpu_now()
        sampler.cgroups["a"] = Cgroup(7, self.machine)
        sampler.sample()
        (self.machine / "sys/fs/cgroup/docker/a/memory.stat").unlink()
        sampler.sample()
        first, last = sampler.samples
        self.assertEqual((first["sandboxes"], first["sandbox_memory"], last["sandboxes"], last["sandbox_memory"]), (1, 4096, 0, 0))
        self.assertEqual(sampler.cpu_now()["sandboxes"], 1.5)
        self.assertGreater(first["cpu"]["sandboxes"], 0)
        self.assertEqual(last["cpu"]["sandboxes"], 0)

    def test_this_process_and_this_machine(self):
        before, (busy, whole) = cpu_of(os.getpid()), machine_cpu()
        while cpu_of(os.getpid()) < before + 0.1:
            pass
        busy_now, whole_now = machine_cpu()
        self.assertGreater(busy_now, busy)
        self.assertGreater(whole_now, whole)
        self.assertGreater(resident(os.getpid()), 4 * MIB)
        self.assertGreater(memory_available(), resident(os.getpid()))


if __name__ == "__main__":
    unittest.main()
