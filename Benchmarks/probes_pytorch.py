"""Probes of descent against PyTorch versions of themselves: in turn, one thread each, medians and ratios.

Usage: python3 Benchmarks/probes_pytorch.py [--descent PATH] [--rounds N] [--model mlp] [--width 32] [--depth 2] [--input 1x8x8]
       python3 Benchmarks/probes_pytorch.py --model convnet --width 4 --input 3x32x32 --samples 512
       python3 Benchmarks/probes_pytorch.py --batch-norm --probes batch-statistics

The PyTorch versions are written as one would write them well: whole batches, no loops over samples, gradients of inputs
only, frames, noise and singular values drawn once and not timed. Both sides do the standard options of each probe on as
many made-up samples. Times are of the processor, so that a busy machine changes them little. Polygons are cut in plain Python,
which is no tensor program; the network's part of `linear-regions` is one pass of all corners a layer.
"""

import argparse
import copy
import json
import math
import statistics
import subprocess
import time

import torch
import torch.nn.functional as F
from torch.func import functional_call

CLASSES = 10


class Normed(torch.nn.Module):
    """What both networks share: batch normalisation or none, with the running statistics or those of the batch."""

    def __init__(self, kind, sizes, batch_norm):
        super().__init__()
        self.norms = torch.nn.ModuleList(kind(size) for size in sizes) if batch_norm else None
        self.uses_batch = False

    def normed(self, index, z):
        if self.norms is None:
            return z
        norm = self.norms[index]
        if self.uses_batch:
            return F.batch_norm(z, None, None, norm.weight, norm.bias, training=True)
        return F.batch_norm(z, norm.running_mean, norm.running_var, norm.weight, norm.bias)


class MLP(Normed):
    """Linear layers with ReLU; `forward` also gives the inputs of all ReLUs and the signals behind them."""

    def __init__(self, inputs, width, depth, batch_norm=False):
        super().__init__(torch.nn.BatchNorm1d, [width] * depth, batch_norm)
        sizes = [inputs] + [width] * depth
        self.layers = torch.nn.ModuleList(
            torch.nn.Linear(a, b, bias=not batch_norm) for a, b in zip(sizes, sizes[1:]))
        self.head = torch.nn.Linear(width, CLASSES)

    def forward(self, x, linear_from=None):
        x = x.flatten(1)
        hidden, signals = [], [x]
        for index, layer in enumerate(self.layers):
            z = self.normed(index, layer(x))
            hidden.append(z)
            x = z if linear_from is not None and index >= linear_from else torch.relu(z)
            signals.append(x)
        return self.head(x), hidden, signals


class ConvNet(Normed):
    """Convolutions of w, 2w, 4w, 8w channels, pooled after the second to fourth, then the greatest of each channel."""

    def __init__(self, channels, width, batch_norm=False):
        sizes = [channels, width, 2 * width, 4 * width, 8 * width]
        super().__init__(torch.nn.BatchNorm2d, sizes[1:], batch_norm)
        self.layers = torch.nn.ModuleList(torch.nn.Conv2d(a, b, 3, padding=1) for a, b in zip(sizes, sizes[1:]))
        self.head = torch.nn.Linear(8 * width, CLASSES)

    def forward(self, x, linear_from=None):
        hidden, signals = [], [x]
        for index, layer in enumerate(self.layers):
            z = self.normed(index, layer(x))
            hidden.append(z)
            x = z if linear_from is not None and index >= linear_from else torch.relu(z)
            if index > 0:
                x = F.max_pool2d(x, 2)
            signals.append(x if index < 3 else x.amax((2, 3)))
        return self.head(signals[-1]), hidden, signals


class Peer:
    """A network, made-up data and each probe as a method."""

    def __init__(self, arguments):
        torch.manual_seed(0)
        self.shape = [int(part) for part in arguments.input.split("x")]
        channels, height, width = self.shape
        inputs = math.prod(self.shape)
        self.network = (
            MLP(inputs, arguments.width, arguments.depth, arguments.batch_norm) if arguments.model == "mlp"
            else ConvNet(channels, arguments.width, arguments.batch_norm)).requires_grad_(False).eval()
        self.chunk = 1024 if arguments.model == "mlp" else 128
        self.images = torch.rand(arguments.samples, *self.shape)
        self.labels = torch.randint(0, CLASSES, (arguments.samples,))
        self.test = torch.rand(arguments.samples, *self.shape)
        self.noisy = torch.rand(arguments.samples) < 0.2
        self.assigned = torch.where(self.noisy, (self.labels + 1) % CLASSES, self.labels)
        self.frame = torch.linalg.qr(torch.randn(inputs, min(25, inputs)))[0].T.reshape(-1, *self.shape)
        self.jitters = [self.draw_jitters(arguments.samples) for _ in range(4)]
        self.svd = torch.linalg.svd(self.images[:128], full_matrices=False)
        rank = min(height, width)
        self.strengths = [max(1, min(round(k * rank / 32), rank - 3)) for k in [5, 10, 15, 20, 22, 25]]
        self.sample_noise = [torch.randn(300, *self.shape) for _ in range(3)]
        self.weights = [p for p in self.network.parameters() if p.dim() > 1]
        self.weight_noise = [[torch.randn_like(p) for p in self.weights] for _ in range(5)]
        self.direction = {
            name: torch.randn_like(p) for name, p in self.network.named_parameters() if p.dim() > 1}

    def scaled(self, images):
        return (images - 0.5) / 0.29

    def logits(self, x):
        return torch.cat([self.network(part)[0] for part in x.split(self.chunk)])

    def gradients(self, x, labels):
        found = []
        for part, wanted in zip(x.split(self.chunk), labels.split(self.chunk)):
            part = part.detach().requires_grad_(True)
            loss = F.cross_entropy(self.network(part)[0], wanted, reduction="sum")
            found.append(torch.autograd.grad(loss, part)[0])
        return torch.cat(found).flatten(1)

    def jacobian_norm(self):
        return self.gradients(self.scaled(self.images), self.labels).norm(dim=1).mean()

    def draw_jitters(self, count):
        return torch.empty(3, count, 1, 1, 1).uniform_(0.99, 1.01)

    def jittered(self, images, factors):
        """Brightness, contrast, saturation, in one order for all: drawn orders would cost PyTorch three times as much."""
        images = (images * factors[0]).clamp(0, 1)
        gray = self.gray(images)
        images = (factors[1] * images + (1 - factors[1]) * gray.mean((1, 2, 3), keepdim=True)).clamp(0, 1)
        if self.shape[0] == 3:
            images = (factors[2] * images + (1 - factors[2]) * self.gray(images)).clamp(0, 1)
        return images

    def gray(self, images):
        if self.shape[0] != 3:
            return images
        return (0.2989 * images[:, 0] + 0.587 * images[:, 1] + 0.114 * images[:, 2]).unsqueeze(1)

    def hessian(self, images, labels, jitters):
        here = self.gradients(self.scaled(images), labels)
        changes = [here - self.gradients(self.scaled(self.jittered(images, factors)), labels) for factors in jitters]
        squares = sum(change.square().sum(1) for change in changes) / len(changes)
        return here.norm(dim=1), squares.sqrt() / 0.1

    def tangent_hessian_norm(self):
        return self.hessian(self.images, self.labels, self.jitters)[1].mean()

    def input_output_jacobian(self):
        means = []
        for images in [self.images[:256], self.test[:256]]:
            squares = 0
            for part in self.scaled(images).split(self.chunk):
                part = part.detach().requires_grad_(True)
                probabilities = self.network(part)[0].softmax(1)
                for row in range(CLASSES):
                    gradient = torch.autograd.grad(probabilities[:, row].sum(), part, retain_graph=True)[0]
                    squares = squares + gradient.flatten(1).square().sum()
            means.append(squares)
        return means

    def path_integrals(self):
        left, values, right = self.svd
        images, labels = self.images[:128], self.labels[:128]
        jitters = [factors[:, :128] for factors in self.jitters]
        rank = values.shape[-1]
        totals = []

        def measured(anchors):
            logits = self.logits(self.scaled(anchors))
            jacobian, hessian = self.hessian(anchors, labels, jitters)
            accuracy = (logits.argmax(1) == labels).float()
            return torch.stack([accuracy, F.cross_entropy(logits, labels, reduction="none"), jacobian, hessian])

        origin = measured(images)
        for path in range(4):
            before, place = origin, self.scaled(images)
            total, length = 0, 0
            for strength in self.strengths:
                kept = values.clone()
                kept[..., rank - strength - path:rank - path] = 0
                anchors = (left * kept.unsqueeze(-2)) @ right
                here, moved = measured(anchors), self.scaled(anchors)
                distance = (moved - place).flatten(1).norm(dim=1)
                total = total + 0.5 * (before + here) * distance
                length = length + distance
                totals.append((total / length).mean(1))
                before, place = here, moved
        return totals

    def local_complexity(self):
        """All vertices of some points at once; the extremes of each unit over a point's vertices tell its signs."""
        counts = []
        vertices = 2 * self.frame.shape[0]
        chunk = max(1, self.chunk * 4 // vertices)
        sets = [self.scaled(self.images[:300]), self.scaled(self.test[:300]), torch.rand(300, *self.shape)]
        with torch.no_grad():
            for points in sets:
                for radius in [0.005, 0.05, 0.5]:
                    moves = radius * torch.cat([self.frame, -self.frame])
                    count = 0
                    for part in points.split(chunk):
                        x = (part.unsqueeze(1) + moves).flatten(0, 1)
                        for z in self.network(x)[1]:
                            z = z.reshape(len(part), vertices, -1)
                            count += ((z.amax(1) > 0) & (z.amin(1) < 0)).sum()
                    counts.append(count)
        return counts

    def group_similarity(self):
        with torch.no_grad():
            train, test = self.network(self.scaled(self.images)), self.network(self.scaled(self.test))
            right = test[0].argmax(1) == self.labels
            for one, other in zip(train[2][1:], test[2][1:]):
                one, other = one.flatten(1), other.flatten(1)
                means = []
                for signals, masks in [(one, [self.noisy, ~self.noisy]), (other, [right, ~right])]:
                    for mask in masks:
                        groups = F.one_hot(self.labels, CLASSES).float() * mask.unsqueeze(1)
                        means.append(groups.T @ signals / groups.sum(0).clamp(min=1).unsqueeze(1))
                for a, b in [(0, 1), (2, 0), (2, 1), (3, 0), (3, 1)]:
                    F.cosine_similarity(means[a], means[b]).mean()

    def large_activation(self):
        """The neuron that is largest in each layer, its ratio, and its activation by class in four groups."""
        with torch.no_grad():
            train, test = self.network(self.scaled(self.images))[2], self.network(self.scaled(self.test))[2]
            clean, shown, assigned = ~self.noisy, F.one_hot(self.labels, CLASSES), F.one_hot(self.assigned, CLASSES)
            groups = [(train, shown, clean), (train, shown, self.noisy), (train, assigned, self.noisy), (test, shown, None)]
            for layer in range(1, len(train)):
                means = train[layer].flatten(1).mean(0)
                neuron = means.argmax()
                others = means.square().sum() - means[neuron].square()
                means[neuron] / (others / (len(means) - 1)).sqrt()
                for signals, classes, mask in groups:
                    members = (classes if mask is None else classes * mask.unsqueeze(1)).float()
                    values = signals[layer].flatten(1)[:, neuron]
                    counts = members.sum(0).clamp(min=1)
                    mean = values @ members / counts
                    (values.square() @ members / counts - mean.square()).clamp(min=0).sqrt()

    def class_clustering(self):
        with torch.no_grad():
            signals = self.network(self.scaled(self.images))[2]
            groups = F.one_hot(self.assigned, CLASSES).float()
            chosen = (self.assigned == 5).nonzero().flatten()[:100]
            pairs = torch.triu_indices(CLASSES, CLASSES, 1)
            for layer in signals[1:]:
                layer = layer.flatten(1)
                centres = groups.T @ layer / groups.sum(0).clamp(min=1).unsqueeze(1)
                directions = F.normalize(centres)
                (directions @ directions.T)[pairs[0], pairs[1]].mean()
                F.cosine_similarity(layer[chosen], centres[5:6]).mean()

    def logit_projection(self):
        with torch.no_grad():
            for images in [self.images, self.test]:
                rows = torch.cat([(self.labels == label).nonzero().flatten()[:100] for label in [0, 1, 5]])
                self.logits(self.scaled(images[rows]))[:, :2].clone()

    def flatness(self):
        """One place after the other: all at once by `vmap` takes longer, even of small matrices."""
        images, labels = self.scaled(self.images[:1000]), self.assigned[:1000]
        parameters = dict(self.network.named_parameters())
        with torch.no_grad():
            steps = {}
            for name, noise in self.direction.items():
                norms = parameters[name].flatten(1).norm(dim=1) / noise.flatten(1).norm(dim=1)
                steps[name] = noise * norms.reshape(-1, *[1] * (noise.dim() - 1))
            losses = []
            for place in [step / 10 for step in range(-10, 11)] + [0.1, -0.1]:
                moved = {name: p + place * steps[name] if name in steps else p for name, p in parameters.items()}
                logits = [functional_call(self.network, moved, (part,))[0] for part in images.split(self.chunk)]
                losses.append(F.cross_entropy(torch.cat(logits), labels))
            return losses

    def batch_statistics(self):
        self.network.uses_batch = True
        with torch.no_grad():
            for images, labels in zip(self.scaled(self.test).split(100), self.labels.split(100)):
                logits = self.network(images)[0]
                F.cross_entropy(logits, labels, reduction="sum"), (logits.argmax(1) != labels).sum()
        self.network.uses_batch = False

    def linear_probe(self):
        with torch.no_grad():
            logits, _, train = self.network(self.scaled(self.images))
            _, _, test = self.network(self.scaled(self.test))
            for one, other in zip(train, test):
                x = torch.cat([one.flatten(1), torch.ones(len(one), 1)], 1).double()
                gram = x.T @ x
                gram.diagonal().add_(1e-6 * gram.diagonal().mean())
                solved = torch.linalg.solve(gram, x.T @ logits.double()).float()
                for signals in [one, other]:
                    x = torch.cat([signals.flatten(1), torch.ones(len(signals), 1)], 1)
                    ((x @ solved).argmax(1) == self.labels).float().mean()

    def linear_map(self):
        with torch.no_grad():
            for layer in range(len(self.network.layers)):
                for images in [self.images, self.test]:
                    logits = self.network(self.scaled(images), linear_from=layer)[0]
                    (logits.argmax(1) == self.labels).float().mean()

    def rank_distribution(self):
        with torch.no_grad():
            _, hidden, _ = self.network(self.scaled(self.images))
            tail = self.network.head.weight
            for layer in reversed(range(len(hidden))):
                ranks = hidden[layer].argsort(0).argsort(0) / (len(self.images) - 1)
                signs = tail[self.labels]
                ranks = torch.where(signs > 0, ranks, 1 - ranks)
                torch.histc(ranks, 50, 0, 1)
                tail = tail @ self.network.layers[layer].weight

    def attraction_basins(self):
        images, labels = self.scaled(self.images[:300]), self.labels[:300]
        with torch.no_grad():
            for step in range(21):
                amplitude = 1e-4 * 10 ** (step / 4)
                for noise in self.sample_noise:
                    (self.logits(images + amplitude * noise).argmax(1) == labels).float().mean()
                for draws in self.weight_noise:
                    kept = [weight.clone() for weight in self.weights]
                    for weight, noise in zip(self.weights, draws):
                        weight.add_(noise, alpha=amplitude)
                    (self.logits(images).argmax(1) == labels).float().mean()
                    for weight, old in zip(self.weights, kept):
                        weight.copy_(old)


    def linear_regions(self):
        """Pieces of a square of half-side 0.05 around 32 samples, cut layer by layer as SplineCAM does."""
        network = copy.deepcopy(self.network).double()
        plane = self.frame.flatten(1)[:2].double()
        corners = torch.tensor([[-0.05, -0.05], [0.05, -0.05], [0.05, 0.05], [-0.05, 0.05]], dtype=torch.float64)
        counts = []
        for centre in self.scaled(self.images[:32]).flatten(1).double():
            pieces = [corners.tolist()]
            for layer in range(len(network.layers)):
                places = torch.tensor([corner for piece in pieces for corner in piece], dtype=torch.float64)
                values = network(centre + places @ plane)[1][layer]
                finer, start = [], 0
                for piece in pieces:
                    own = values[start:start + len(piece)]
                    start += len(piece)
                    crossing = (own.amin(0) < -1e-12) & (own.amax(0) > 1e-12)
                    finer += cut(piece, own[:, crossing].tolist())
                pieces = finer
            counts.append(len(pieces))
        return sum(counts) / len(counts)


def cut(piece, values):
    """A convex polygon along the zero lines of functions that are linear on it; values are [corner][function]."""
    parts = [[(corner, numbers) for corner, numbers in zip(piece, values)]]
    for function in range(len(values[0])):
        finer = []
        for part in parts:
            above, below = [], []
            for (corner, here), (other, there) in zip(part, part[1:] + part[:1]):
                if here[function] >= 0:
                    above.append((corner, here))
                if here[function] <= 0:
                    below.append((corner, here))
                if here[function] * there[function] < 0:
                    share = here[function] / (here[function] - there[function])
                    place = [a + share * (b - a) for a, b in zip(corner, other)]
                    numbers = [a + share * (b - a) for a, b in zip(here, there)]
                    numbers[function] = 0.0
                    above.append((place, numbers))
                    below.append((place, numbers))
            finer += [side for side in (above, below) if len(side) > 2]
        parts = finer
    return [[corner for corner, _ in part] for part in parts]


def milliseconds(body, seconds=0.5):
    """Median milliseconds of processor time of a call."""
    body()
    times, start = [], time.perf_counter()
    while len(times) < 3 or time.perf_counter() - start < seconds:
        before = time.thread_time()
        body()
        times.append((time.thread_time() - before) * 1e3)
    return statistics.median(times)


def descent_milliseconds(arguments, probe):
    """The same of `descent bench probes`, and the probe's share in a task of 400 epochs."""
    output = subprocess.run(
        [arguments.descent, "bench", "probes", "--json", "--model", arguments.model, "--width", str(arguments.width),
         "--input", arguments.input, "--samples", str(arguments.samples), "--probe", probe]
        + (["--depth", str(arguments.depth)] if arguments.model == "mlp" else [])
        + (["--batch-norm"] if arguments.batch_norm else []), check=True, capture_output=True, text=True).stdout
    row = next(row for row in json.loads(output) if row["probe"] == probe)
    return row["ms_median"], row["share"]


# In the catalog's order. What does not fit a network is left out: maps of 3,072 features need more samples, ranks no
# pooling by maximum, statistics of batches a normalisation.
PROBES = {
    "mlp": ["jacobian-norm", "local-complexity", "tangent-hessian-norm", "input-output-jacobian", "path-integrals",
            "group-similarity", "large-activation", "linear-probe", "linear-map", "rank-distribution", "class-clustering",
            "attraction-basins", "flatness", "logit-projection", "linear-regions"],
    "convnet": ["jacobian-norm", "local-complexity", "tangent-hessian-norm", "input-output-jacobian", "path-integrals",
                "group-similarity", "large-activation", "linear-map", "class-clustering", "attraction-basins", "flatness",
                "logit-projection"],
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--descent", default=".build/release/descent")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--model", default="mlp", choices=["mlp", "convnet"])
    parser.add_argument("--width", type=int, default=32)
    parser.add_argument("--depth", type=int, default=2)
    parser.add_argument("--input", default="1x8x8")
    parser.add_argument("--samples", type=int, default=1024)
    parser.add_argument("--batch-norm", action="store_true")
    parser.add_argument("--probes", help="separated by commas (default: all that fit the network)")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    peer = Peer(arguments)

    print("probe,model,width,descent_ms,pytorch_ms,ratio,share")
    fitting = PROBES[arguments.model] + (["batch-statistics"] if arguments.batch_norm else [])
    for probe in arguments.probes.split(",") if arguments.probes else fitting:
        body = getattr(peer, probe.replace("-", "_"))
        rounds = [(descent_milliseconds(arguments, probe), milliseconds(body)) for _ in range(arguments.rounds)]
        ours = statistics.median(one[0] for one, _ in rounds)
        share = statistics.median(one[1] for one, _ in rounds)
        theirs = statistics.median(other for _, other in rounds)
        ratio = statistics.median(other / one[0] for one, other in rounds)
        print(f"{probe},{arguments.model},{arguments.width},{ours:.3f},{theirs:.3f},{ratio:.1f},{share:.4f}", flush=True)
    print(json.dumps({"torch": torch.__version__, "rounds": arguments.rounds}))


if __name__ == "__main__":
    main()
