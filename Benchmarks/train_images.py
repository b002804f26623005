"""Training steps of networks on images: descent and PyTorch in turn, one thread each, medians and ratios.

Usage: python3 Benchmarks/train_images.py [--descent PATH] [--model convnet] [--rounds N] [--width 1,2,4] [--batch 128]
           [--input 3x32x32] [--log FILE]

PyTorch takes the better of its contiguous and channels-last layouts, eager, fused Adam, no data loading; both sides do
forward, loss, backward and the Adam step on a resident batch. Batch normalisation is off. Rounds alternate, so that a
machine that changes its speed hits both.
"""

import argparse
import csv
import datetime
import io
import json
import math
import statistics
import subprocess
import time

import torch
from torch import nn


class ResNet18(nn.Module):
    """Pre-activation, without batch normalisation."""

    class Block(nn.Module):
        def __init__(self, inputs, outputs, stride):
            super().__init__()
            self.conv1 = nn.Conv2d(inputs, outputs, 3, stride=stride, padding=1, bias=False)
            self.conv2 = nn.Conv2d(outputs, outputs, 3, padding=1, bias=False)
            same = stride == 1 and inputs == outputs
            self.shortcut = None if same else nn.Conv2d(inputs, outputs, 1, stride=stride, bias=False)

        def forward(self, x):
            first = torch.relu(x)
            skip = x if self.shortcut is None else self.shortcut(first)
            return self.conv2(torch.relu(self.conv1(first))) + skip

    def __init__(self, channels, width, classes):
        super().__init__()
        layers, inputs = [nn.Conv2d(channels, width, 3, padding=1, bias=False)], width
        for stage in range(4):
            for index in range(2):
                layers.append(self.Block(inputs, width << stage, 2 if stage and not index else 1))
                inputs = width << stage
        self.body = nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten())
        self.linear = nn.Linear(inputs, classes)

    def forward(self, x):
        return self.linear(self.body(x))


def convnet(channels, width, classes):
    layers, inputs = [], channels
    for stage in range(4):
        layers += [nn.Conv2d(inputs, width << stage, 3, padding=1), nn.ReLU()]
        layers += [nn.MaxPool2d(2)] if stage else []
        inputs = width << stage
    return nn.Sequential(*layers, nn.AdaptiveMaxPool2d(1), nn.Flatten(), nn.Linear(inputs, classes))


def pytorch_milliseconds(model, width, batch, shape, layout, seconds):
    torch.manual_seed(0)
    network = (convnet if model == "convnet" else ResNet18)(shape[0], width, 10).to(memory_format=layout)
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-4, fused=True)
    loss = nn.CrossEntropyLoss()
    x = torch.randn(batch, *shape).contiguous(memory_format=layout)
    y = torch.randint(0, 10, (batch,))
    times, begin = [], time.perf_counter()
    while len(times) < 5 or time.perf_counter() - begin < seconds:
        start = time.perf_counter()
        optimizer.zero_grad(set_to_none=True)
        loss(network(x), y).backward()
        optimizer.step()
        times.append((time.perf_counter() - start) * 1e3)
    return statistics.median(times[2:])


def descent_milliseconds(arguments, width):
    output = subprocess.run(
        [arguments.descent, "bench", "train", "--model", arguments.model, "--width", str(width), "--batch",
         str(arguments.batch), "--input", arguments.input, "--seconds", str(arguments.seconds)],
        check=True, capture_output=True, text=True).stdout
    return float(next(row for row in csv.DictReader(io.StringIO(output)) if row["kind"] == "train_step")["ms_median"])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--descent", default=".build/release/descent")
    parser.add_argument("--model", default="convnet", choices=["convnet", "resnet18"])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=1.0, help="time for each measurement")
    parser.add_argument("--width", default="1,2,4,8,16,32,64")
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--input", default="3x32x32")
    parser.add_argument("--log", help="a file that one line of JSON is appended to")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    shape = tuple(int(part) for part in arguments.input.split("x"))
    layouts = (torch.contiguous_format, torch.channels_last)

    rows = []
    print("model,width,descent_ms,pytorch_ms,ratio")
    for width in (int(part) for part in arguments.width.split(",")):
        pairs = []
        for _ in range(arguments.rounds):
            ours = descent_milliseconds(arguments, width)
            theirs = min(
                pytorch_milliseconds(arguments.model, width, arguments.batch, shape, layout, arguments.seconds)
                for layout in layouts)
            pairs.append((ours, theirs))
        ours, theirs = (statistics.median(pair[side] for pair in pairs) for side in (0, 1))
        ratio = statistics.median(pair[1] / pair[0] for pair in pairs)
        rows.append({"width": width, "descent_ms": round(ours, 3), "pytorch_ms": round(theirs, 2),
                     "ratio": round(ratio, 2)})
        print(f"{arguments.model},{width},{ours:.3f},{theirs:.2f},{ratio:.2f}", flush=True)
    mean = math.exp(statistics.mean(math.log(row["ratio"]) for row in rows))
    print(f"geometric mean of the ratios: {mean:.2f}")
    if arguments.log:
        line = {
            "date": datetime.date.today().isoformat(),
            "question": f"training step of {arguments.model}, descent against PyTorch",
            "setting": f"{arguments.input} inputs, batch {arguments.batch}, no batch norm, Adam, float32, 1 thread",
            "peer": f"PyTorch {torch.__version__}, the better of two layouts, eager, fused Adam",
            "command": f"python3 Benchmarks/train_images.py --model {arguments.model} --rounds {arguments.rounds}",
            "rows": rows, "geometric_mean": round(mean, 2)}
        with open(arguments.log, "a") as log:
            log.write(json.dumps(line) + "\n")


if __name__ == "__main__":
    main()
