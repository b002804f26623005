"""Training steps of networks on images: descent and PyTorch in turn, one thread each, medians and ratios.

Usage: python3 Benchmarks/train_images.py [--descent PATH] [--model convnet] [--rounds N] [--width 1,2,4] [--batch 128]
           [--batch-norm] [--input 3x32x32] [--log FILE]

PyTorch takes the better of its contiguous and channels-last layouts, eager, fused Adam, no data loading; both sides do
forward, loss, backward and the Adam step on a resident batch. Rounds alternate, so that a machine that changes its speed
hits both. `cnn` has five convolutions.
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


def norm(channels, is_on):
    return [nn.BatchNorm2d(channels)] if is_on else []


class ResNet18(nn.Module):
    """Pre-activation."""

    class Block(nn.Module):
        def __init__(self, inputs, outputs, stride, has_norm):
            super().__init__()
            self.first = nn.Sequential(*norm(inputs, has_norm), nn.ReLU())
            self.conv1 = nn.Conv2d(inputs, outputs, 3, stride=stride, padding=1, bias=False)
            self.second = nn.Sequential(*norm(outputs, has_norm), nn.ReLU())
            self.conv2 = nn.Conv2d(outputs, outputs, 3, padding=1, bias=False)
            same = stride == 1 and inputs == outputs
            self.shortcut = None if same else nn.Conv2d(inputs, outputs, 1, stride=stride, bias=False)

        def forward(self, x):
            first = self.first(x)
            skip = x if self.shortcut is None else self.shortcut(first)
            return self.conv2(self.second(self.conv1(first))) + skip

    def __init__(self, channels, width, classes, has_norm):
        super().__init__()
        layers, inputs = [nn.Conv2d(channels, width, 3, padding=1, bias=False)], width
        for stage in range(4):
            for index in range(2):
                layers.append(self.Block(inputs, width << stage, 2 if stage and not index else 1, has_norm))
                inputs = width << stage
        self.body = nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten())
        self.linear = nn.Linear(inputs, classes)

    def forward(self, x):
        return self.linear(self.body(x))


def convnet(channels, width, classes, has_norm):
    layers, inputs = [], channels
    for stage in range(4):
        layers += [nn.Conv2d(inputs, width << stage, 3, padding=1), *norm(width << stage, has_norm), nn.ReLU()]
        layers += [nn.MaxPool2d(2)] if stage else []
        inputs = width << stage
    return nn.Sequential(*layers, nn.AdaptiveMaxPool2d(1), nn.Flatten(), nn.Linear(inputs, classes))


def cnn(channels, width, classes, has_norm, depth=5):
    layers, inputs = [], channels
    for layer in range(depth):
        outputs = width << (layer // 2)
        layers.append(nn.Conv2d(inputs, outputs, 3, stride=layer % 2 + 1, padding=1))
        layers += [*norm(outputs, has_norm), nn.ReLU()]
        inputs = outputs
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(inputs, classes))


MODELS = {"convnet": convnet, "resnet18": ResNet18, "cnn": cnn}


def pytorch_milliseconds(model, width, has_norm, batch, shape, layout, seconds):
    torch.manual_seed(0)
    network = MODELS[model](shape[0], width, 10, has_norm).to(memory_format=layout)
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
         str(arguments.batch), "--input", arguments.input, "--seconds", str(arguments.seconds),
         *(["--batch-norm"] if arguments.batch_norm else []), *(["--depth", "5"] if arguments.model == "cnn" else [])],
        check=True, capture_output=True, text=True).stdout
    return float(next(row for row in csv.DictReader(io.StringIO(output)) if row["kind"] == "train_step")["ms_median"])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--descent", default=".build/release/descent")
    parser.add_argument("--model", default="convnet", choices=list(MODELS))
    parser.add_argument("--batch-norm", action="store_true")
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
                pytorch_milliseconds(
                    arguments.model, width, arguments.batch_norm, arguments.batch, shape, layout, arguments.seconds)
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
            "setting": f"{arguments.input} inputs, batch {arguments.batch}, "
                       f"{'batch' if arguments.batch_norm else 'no batch'} norm, Adam, float32, 1 thread",
            "peer": f"PyTorch {torch.__version__}, the better of two layouts, eager, fused Adam",
            "command": f"python3 Benchmarks/train_images.py --model {arguments.model} --rounds {arguments.rounds}"
                       + (" --batch-norm" if arguments.batch_norm else ""),
            "rows": rows, "geometric_mean": round(mean, 2)}
        with open(arguments.log, "a") as log:
            log.write(json.dumps(line) + "\n")


if __name__ == "__main__":
    main()
