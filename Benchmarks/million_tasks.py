#!/usr/bin/env python3
"""Measures a sweep of a million tasks: expansion, first start, status, and restart to the first dispatch.

Usage: python3 Benchmarks/million_tasks.py [--tasks N] [--descent PATH]. Prints one JSON object, as log.ndjson holds them.
Nothing is trained: the coordinator is stopped as soon as it listens. Memory is the peak of the coordinator's process.
"""
import argparse
import json
import os
import pathlib
import signal
import subprocess
import tempfile
import time

SWEEP = """
name: million
dataset: {{name: digits, train: 100, test: 100}}
model: {{family: mlp, width: 1, depth: 1}}
optimizer: {{name: sgd, learning-rate: 0.1}}
training: {{loss: cross-entropy, batch: 100, epochs: 1}}
measure: {{at: [0, 1]}}
grid:
  seed: 0..{last}
"""


def seconds(command, folder):
    """How long a command takes, which must succeed."""
    start = time.monotonic()
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
    return round(time.monotonic() - start, 2)


def serve(descent, folder, ask=None):
    """Starts a coordinator, waits until it listens, and stops it; seconds to listening, peak MiB, seconds of `ask`."""
    endpoint = pathlib.Path(folder) / "run/endpoint.json"
    start = time.monotonic()
    process = subprocess.Popen([descent, "coordinator", "million.yaml", "--run", "run"], cwd=folder,
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while not endpoint.exists():
        if process.poll() is not None:
            raise SystemExit(f"the coordinator ended with code {process.returncode}")
        time.sleep(0.01)
    listening = round(time.monotonic() - start, 2)
    asked = seconds(ask, folder) if ask else None
    status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
    peak = int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) // 1024
    process.send_signal(signal.SIGKILL)
    process.wait()
    endpoint.unlink()
    return listening, peak, asked


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tasks", type=int, default=1_000_000)
    parser.add_argument("--descent", default=str(pathlib.Path(__file__).parent.parent / ".build/release/descent"))
    arguments = parser.parse_args()
    descent = os.path.abspath(arguments.descent)
    with tempfile.TemporaryDirectory() as folder:
        (pathlib.Path(folder) / "million.yaml").write_text(SWEEP.format(last=arguments.tasks - 1))
        plan = seconds([descent, "plan", "million.yaml", "--json"], folder)
        first, _, _ = serve(descent, folder)
        restart, peak, status = serve(descent, folder, [descent, "status", "run", "--json"])
        size = (pathlib.Path(folder) / "run/sweep.sqlite").stat().st_size >> 20
    print(json.dumps({
        "question": "a sweep of many tasks", "tasks": arguments.tasks, "plan_s": plan, "first_start_s": first,
        "restart_s": restart, "status_s": status, "coordinator_peak_mib": peak, "store_mib": size,
        "command": "python3 Benchmarks/million_tasks.py"}))


if __name__ == "__main__":
    main()
