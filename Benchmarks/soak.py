#!/usr/bin/env python3
"""Watches the memory and the open descriptors of a coordinator while it hands out many tasks that do nothing.

    python3 Benchmarks/soak.py --descent .build/release/descent --tasks 300000 --workers 8

Samples the coordinator's resident memory, its descriptors and its threads every half second from the moment when the
first task ends, and prints one JSON object, as log.ndjson holds them: the means of four quarters of the time in between.
Whatever a task leaves behind shows as a slope, in bytes a task. --record appends the object to Benchmarks/log.ndjson.
"""

import argparse
import datetime
import json
import os
import pathlib
import platform
import subprocess
import tempfile
import time

LOG = pathlib.Path(__file__).parent / "log.ndjson"


def sample(pid):
    """Resident bytes, descriptors and threads of a process; None once it has gone."""
    try:
        status = dict(line.split(":", 1) for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines())
        if "VmRSS" not in status:
            return None
        return {"time": time.monotonic(), "bytes": int(status["VmRSS"].split()[0]) * 1024,
                "descriptors": len(os.listdir(f"/proc/{pid}/fd")), "threads": int(status["Threads"])}
    except (OSError, ValueError):
        return None


def size_of_journals(folder):
    """Bytes of all journals of outboxes below a folder: they grow from the first result on."""
    return sum(path.stat().st_size for path in pathlib.Path(folder).rglob("journal"))


def watch(process, folder):
    samples = []
    while process.poll() is None:
        if samples or size_of_journals(folder) > 0:
            now = sample(process.pid)
            if now:
                samples.append(now)
        time.sleep(0.5)
    return samples


def mean(values):
    return sum(values) / len(values)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--descent", default=".build/release/descent")
    parser.add_argument("--tasks", type=int, default=300_000)
    parser.add_argument("--workers", type=int, default=8)
    parser.add_argument("--record", action="store_true", help="append the result to Benchmarks/log.ndjson")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        command = [os.path.abspath(arguments.descent), "bench", "dispatch", "--tasks", str(arguments.tasks),
                   "--workers", str(arguments.workers), "--encrypt", "--json", "--directory", folder]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        samples = watch(process, folder)
        result = json.loads(process.stdout.read())
        if process.returncode != 0 or len(samples) < 11:
            raise SystemExit(f"{' '.join(command)} ended with {process.returncode} after {len(samples)} samples")
    # Workers are let go of at the end.
    samples = samples[1:-2]
    quarter = len(samples) // 4
    quarters = [samples[index * quarter:(index + 1) * quarter] for index in range(4)]
    mebibytes = [round(mean([each["bytes"] for each in part]) / 2**20, 1) for part in quarters]
    slope = (mebibytes[3] - mebibytes[0]) * 2**20 / (arguments.tasks * 3 / 4)
    line = {
        "date": datetime.date.today().isoformat(), "question": "memory and descriptors of the coordinator over a soak",
        "machine": f"{os.cpu_count()} cores of {platform.machine()}, load {os.getloadavg()[0]:.1f} at the end",
        "setting": f"{arguments.tasks} tasks that do nothing, {arguments.workers} workers, encrypted and durable",
        "command": f"python3 Benchmarks/soak.py --tasks {arguments.tasks} --workers {arguments.workers}",
        "mebibytes_by_quarter": mebibytes, "bytes_a_task": round(slope, 1),
        "descriptors": [min(each["descriptors"] for each in samples), max(each["descriptors"] for each in samples)],
        "threads": [min(each["threads"] for each in samples), max(each["threads"] for each in samples)],
        "tasks_per_s": result["tasks_per_s"], "coordinator_cpu_us_per_task": result["coordinator_cpu_us_per_task"],
    }
    print(json.dumps(line))
    if arguments.record:
        with LOG.open("a") as log:
            log.write(json.dumps(line) + "\n")


if __name__ == "__main__":
    main()
