#!/usr/bin/env python3
"""Writes perceptrons.json: what PyTorch makes of every kind of perceptron, optimiser and loss, in double precision.

    python3 Tests/Fixtures/make_perceptrons.py > Tests/Fixtures/perceptrons.json

Made with PyTorch 2.15 on a CPU. Runs of one network start from the same weights and take full batches, so that the
order of the samples does not matter. Inputs are rounded to single precision first: data sets hold single-precision
numbers. Losses are kept before the first step and after 1, 10 and 100, in evaluation mode and, of normalised networks,
with the statistics of the batch as well.

Rates are such that a change of the first weights by 1e-15 changes no loss by more than 1e-14: a plain step of 0.1 makes
the normalised networks chaotic, and PyTorch then differs from itself by 1e-4 after a hundred steps.
"""

import json

import numpy
import torch
from torch import nn

INPUTS, CLASSES, SAMPLES, MEASURED = 6, 3, 24, (0, 1, 10, 100)

NETWORKS = {
    "relu": {"widths": [5, 4], "activation": "relu"},
    "tanh": {"widths": [5, 4], "activation": "tanh"},
    "identity": {"widths": [5, 4], "activation": "identity"},
    "gelu": {"widths": [5, 4], "activation": "gelu"},
    "leaky-relu": {"widths": [5, 4], "activation": "leaky-relu"},
    "no biases": {"widths": [5, 4], "activation": "tanh", "bias": False},
    "normalised": {"widths": [5, 4], "activation": "relu", "batch-norm": True},
    "normalised, with biases": {"widths": [5, 4], "activation": "tanh", "batch-norm": True, "bias": True},
    "skips": {"widths": [4, 5, 4, 5, 4], "activation": "relu", "residual": True},
    "skips, even depth": {"widths": [4, 4, 4, 4], "activation": "tanh", "residual": True},
    "skips, normalised":
        {"widths": [4, 5, 4, 5, 4], "activation": "gelu", "batch-norm": True, "residual": True},
}

OPTIMIZERS = {
    "sgd": ({"name": "sgd", "learning-rate": 0.02}, lambda p: torch.optim.SGD(p, lr=0.02)),
    "momentum": (
        {"name": "sgd", "learning-rate": 0.02, "momentum": 0.9, "weight-decay": 0.01},
        lambda p: torch.optim.SGD(p, lr=0.02, momentum=0.9, weight_decay=0.01),
    ),
    "adam": (
        {"name": "adam", "learning-rate": 0.005, "weight-decay": 0.01},
        lambda p: torch.optim.Adam(p, lr=0.005, weight_decay=0.01),
    ),
    "adamw": (
        {"name": "adamw", "learning-rate": 0.005, "weight-decay": 0.1},
        lambda p: torch.optim.AdamW(p, lr=0.005, weight_decay=0.1),
    ),
}

ACTIVATIONS = {
    "relu": nn.functional.relu,
    "tanh": torch.tanh,
    "identity": lambda z: z,
    "gelu": nn.functional.gelu,
    "leaky-relu": nn.functional.leaky_relu,
}


class MLP(nn.Module):
    """Linear, normalisation, activation, skip; the last layer is linear."""

    def __init__(self, options):
        super().__init__()
        sizes = [INPUTS] + options["widths"] + [CLASSES]
        normalised = options.get("batch-norm", False)
        biased = options.get("bias", not normalised)
        last = len(sizes) - 2
        self.layers = nn.ModuleList(
            nn.Linear(a, b, bias=biased or i == last) for i, (a, b) in enumerate(zip(sizes, sizes[1:])))
        self.norms = nn.ModuleList(nn.BatchNorm1d(width) for width in options["widths"] if normalised)
        self.activation = ACTIVATIONS[options["activation"]]
        self.residual = options.get("residual", False)

    def forward(self, x):
        signals = []
        for index, layer in enumerate(self.layers[:-1]):
            h = layer(x)
            if self.norms:
                h = self.norms[index](h)
            x = self.activation(h)
            if self.residual and index >= 2 and index % 2 == 0:
                x = x + signals[index - 2]
            signals.append(x)
        return self.layers[-1](x)


def mean_loss(name, logits, labels):
    if name == "cross-entropy":
        return nn.functional.cross_entropy(logits, labels)
    target = nn.functional.one_hot(labels, CLASSES).to(logits.dtype)
    return nn.functional.mse_loss(logits, target)


def evaluated(network, loss_name, inputs, labels):
    network.eval()
    with torch.no_grad():
        loss = mean_loss(loss_name, network(inputs), labels).item()
    network.train()
    return loss


def run(options, initial, inputs, labels, loss_name, make_optimizer):
    network = MLP(options).double()
    network.load_state_dict(initial)
    optimizer = make_optimizer(network.parameters())
    losses, batch_losses = [], []
    for step in range(MEASURED[-1] + 1):
        if step in MEASURED:
            losses.append(evaluated(network, loss_name, inputs, labels))
        loss = mean_loss(loss_name, network(inputs), labels)
        if step in MEASURED:
            batch_losses.append(loss.item())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return {"losses": losses} | ({"batchLosses": batch_losses} if network.norms else {})


def main():
    torch.set_num_threads(1)
    generator = numpy.random.default_rng(21)
    inputs = torch.tensor(generator.standard_normal((SAMPLES, INPUTS)).astype(numpy.float32)).double()
    labels = torch.tensor(generator.integers(0, CLASSES, SAMPLES))
    networks = []
    for seed, (name, options) in enumerate(NETWORKS.items()):
        torch.manual_seed(seed)
        network = MLP(options).double()
        initial = {key: value.clone() for key, value in network.state_dict().items()}
        runs = [
            {"name": optimizer, "loss": loss, "optimizer": settings}
            | run(options, initial, inputs, labels, loss, make_optimizer)
            for loss in ("cross-entropy", "mse")
            for optimizer, (settings, make_optimizer) in OPTIMIZERS.items()]
        parameters = {key: value.flatten().tolist() for key, value in network.named_parameters()}
        networks.append({"name": name, "model": options, "parameters": parameters, "runs": runs})
    print(json.dumps(
        {
            "torch": torch.__version__.split("+")[0],
            "classes": CLASSES,
            "inputs": inputs.tolist(),
            "labels": labels.tolist(),
            "measured": MEASURED,
            "networks": networks,
        }, separators=(",", ":")))


if __name__ == "__main__":
    main()
