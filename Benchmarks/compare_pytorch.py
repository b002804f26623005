"""Training steps of multi-layer perceptrons: descent and PyTorch in turn, one thread each, medians and ratios.

Usage: python3 Benchmarks/compare_pytorch.py [--descent PATH] [--rounds N] [--width 1,8,64] [--batch 100] [--input 1x8x8]
       python3 Benchmarks/compare_pytorch.py --model mlp3,mlp5,mlp7 --batch 512 --input 3x32x32 --repeats 10

PyTorch runs its fastest eager form: parameters in one process, fused Adam where it exists, no data loading. Both sides do
forward, loss, backward and the Adam step on a resident batch. Rounds alternate, so that a machine that changes its speed
hits both.
"""

import argparse
import csv
import io
import json
import statistics
import subprocess
import time

import torch


# Hidden widths of the networks that have fixed ones (Kubo).
WIDTHS = {"mlp3": [1024, 512], "mlp5": [2048, 1024, 512, 512], "mlp7": [2048, 2048, 1024, 1024, 512, 512]}


def pytorch_step_milliseconds(widths, batch, inputs, repeats, classes=10):
    """Median milliseconds of one training step."""
    torch.manual_seed(0)
    sizes = [inputs] + widths + [classes]
    layers = []
    for a, b in zip(sizes, sizes[1:]):
        layers += [torch.nn.Linear(a, b), torch.nn.ReLU()]
    network = torch.nn.Sequential(*layers[:-1])
    optimizer = torch.optim.Adam(network.parameters(), lr=0.005, fused=True)
    loss = torch.nn.CrossEntropyLoss()
    x, y = torch.randn(batch, inputs), torch.randint(0, classes, (batch,))
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        optimizer.zero_grad(set_to_none=True)
        loss(network(x), y).backward()
        optimizer.step()
        times.append((time.perf_counter() - start) * 1e3)
    return statistics.median(times[repeats // 10:])


def descent_step_milliseconds(descent, model, width, batch, shape):
    """The same from `descent bench train`."""
    output = subprocess.run(
        [descent, "bench", "train", "--model", model, "--width", str(width), "--batch", str(batch), "--input", shape],
        check=True, capture_output=True, text=True).stdout
    rows = [row for row in csv.DictReader(io.StringIO(output)) if row["kind"] == "train_step"]
    return float(rows[0]["ms_median"])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--descent", default=".build/release/descent")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--model", default="mlp", help="mlp, or some of mlp3, mlp5, mlp7")
    parser.add_argument("--repeats", type=int, default=300, help="steps of PyTorch a round")
    parser.add_argument("--width", default="1,2,4,8,16,32,64")
    parser.add_argument("--batch", type=int, default=100)
    parser.add_argument("--input", default="1x8x8")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    channels, height, width = (int(part) for part in arguments.input.split("x"))
    inputs = channels * height * width

    if arguments.model == "mlp":
        subjects = [("mlp", width, [width]) for width in map(int, arguments.width.split(","))]
    else:
        subjects = [(model, 1, WIDTHS[model]) for model in arguments.model.split(",")]
    print("model,width,descent_ms,pytorch_ms,ratio")
    for model, hidden, widths in subjects:
        pairs = [
            (descent_step_milliseconds(arguments.descent, model, hidden, arguments.batch, arguments.input),
             pytorch_step_milliseconds(widths, arguments.batch, inputs, arguments.repeats))
            for _ in range(arguments.rounds)]
        ours = statistics.median(pair[0] for pair in pairs)
        theirs = statistics.median(pair[1] for pair in pairs)
        ratio = statistics.median(pair[1] / pair[0] for pair in pairs)
        print(f"{model},{max(widths)},{ours:.4f},{theirs:.4f},{ratio:.1f}", flush=True)
    print(json.dumps({"torch": torch.__version__, "rounds": arguments.rounds}))


if __name__ == "__main__":
    main()
