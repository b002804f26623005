#!/usr/bin/env python3
"""Compares how fast tasks that do nothing are dispatched: Descent, Dask and Ray, in turn, in one run on one machine.

    python3 -m venv /somewhere && /somewhere/bin/pip install distributed ray
    /somewhere/bin/python Benchmarks/dispatch.py --descent .build/release/descent --tasks 20000 --workers 8

Prints the columns of `descent bench dispatch`; --record appends a line to Benchmarks/log.ndjson. Every engine has its
workers up before its clock starts, and its clock stops when the last result is there. Descent alone writes every attempt
and every result durably to disk; an engine that is not installed is left out with a line that says so.
"""

import argparse
import datetime
import importlib.metadata
import json
import os
import pathlib
import platform
import resource
import subprocess
import sys
import time

COLUMNS = "engine,tasks,workers,seconds,tasks_per_s,us_per_task,coordinator_cpu_us_per_task,peak_mib".split(",")


def nothing(index):
    """The task: returns what it got."""
    return index


def processor_seconds(pid):
    """User and system time of a process, in seconds."""
    fields = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def peak_mebibytes(pid):
    for line in open(f"/proc/{pid}/status"):
        if line.startswith("VmHWM"):
            return int(line.split()[1]) / 1024
    return 0.0


def measured(engine, tasks, workers, seconds, cpu_seconds, peak):
    return dict(zip(COLUMNS, [engine, tasks, workers, round(seconds, 3), round(tasks / seconds, 1),
                              round(seconds / tasks * 1e6, 1), round(cpu_seconds / tasks * 1e6, 1), round(peak, 1)]))


def run_descent(command, tasks, workers, encrypt):
    arguments = [command, "bench", "dispatch", "--tasks", str(tasks), "--workers", str(workers), "--json"]
    out = subprocess.run(arguments + (["--encrypt"] if encrypt else []), check=True, capture_output=True, text=True)
    return json.loads(out.stdout)


def run_dask(tasks, workers):
    from distributed import Client, LocalCluster
    # The scheduler lives in this process, and so does the client: both count as the coordinator.
    with LocalCluster(n_workers=workers, threads_per_worker=1, processes=True, dashboard_address=None) as cluster:
        with Client(cluster) as client:
            client.wait_for_workers(workers)
            client.gather(client.map(nothing, range(-workers * 4, 0), pure=False))
            cpu, start = time.process_time(), time.perf_counter()
            results = client.gather(client.map(nothing, range(tasks), pure=False))
            seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
    assert results == list(range(tasks))
    return measured("dask", tasks, workers, seconds, cpu, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def ray_coordinators():
    """Ray's own processes on this machine beside its workers: they schedule and keep the books."""
    names = ("gcs_server", "raylet")
    found = [os.getpid()]
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                if pathlib.Path(f"/proc/{entry}/comm").read_text().strip() in names:
                    found.append(int(entry))
            except OSError:
                pass
    return found


def run_ray(tasks, workers):
    import ray
    ray.init(num_cpus=workers, include_dashboard=False, log_to_driver=False, logging_level="error",
             object_store_memory=256 << 20)
    remote = ray.remote(num_cpus=1)(nothing)
    ray.get([remote.remote(index) for index in range(workers * 4)])
    coordinators = ray_coordinators()
    cpu, start = sum(map(processor_seconds, coordinators)), time.perf_counter()
    results = ray.get([remote.remote(index) for index in range(tasks)])
    seconds, cpu = time.perf_counter() - start, sum(map(processor_seconds, coordinators)) - cpu
    peak = sum(map(peak_mebibytes, coordinators))
    ray.shutdown()
    assert results == list(range(tasks))
    return measured("ray", tasks, workers, seconds, cpu, peak)


def version(package):
    """The version of an installed package; None where there is none."""
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def processor_name():
    names = [line.split(":", 1)[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")]
    return names[0] if names else platform.machine()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--descent", default=".build/release/descent")
    parser.add_argument("--tasks", type=int, default=20_000)
    parser.add_argument("--workers", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=3, help="rounds in turn; the median of each engine is printed")
    parser.add_argument("--encrypt", action="store_true", help="Descent with CURVE")
    parser.add_argument("--engines", default="descent,dask,ray")
    parser.add_argument("--record", action="store_true", help="append to Benchmarks/log.ndjson")
    options = parser.parse_args()

    engines = {
        "descent": lambda: run_descent(options.descent, options.tasks, options.workers, options.encrypt),
        "dask": lambda: run_dask(options.tasks, options.workers),
        "ray": lambda: run_ray(options.tasks, options.workers),
    }
    rows = {name: [] for name in options.engines.split(",")}
    for _ in range(options.rounds):
        for name in list(rows):
            try:
                rows[name].append(engines[name]())
            except ImportError as error:
                print(f"{name} is left out: {error}", file=sys.stderr)
                del rows[name]
    print(",".join(COLUMNS))
    medians = [sorted(found, key=lambda row: row["seconds"])[len(found) // 2] for found in rows.values()]
    for row in medians:
        print(",".join(str(round(row[column], 1) if isinstance(row[column], float) else row[column])
                       for column in COLUMNS))
    if options.record:
        line = {"date": datetime.date.today().isoformat(),
                "question": "tasks that do nothing a second, descent against Dask and Ray",
                "machine": f"{os.cpu_count()} cores of {processor_name()}, load {os.getloadavg()[0]:.1f} at the end",
                "setting": f"{options.tasks} tasks, {options.workers} worker processes, descent "
                           + ("encrypted and durable" if options.encrypt else "durable")
                           + f", medians of {options.rounds} alternating rounds",
                "peer": ", ".join(f"{name} {version(name)}" for name in ("distributed", "ray") if version(name)),
                "command": "python3 Benchmarks/dispatch.py " + " ".join(sys.argv[1:]), "rows": medians}
        with open(pathlib.Path(__file__).parent / "log.ndjson", "a") as log:
            log.write(json.dumps(line) + "\n")


if __name__ == "__main__":
    main()
