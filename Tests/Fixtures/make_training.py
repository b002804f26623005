#!/usr/bin/env python3
"""Writes training.json: what PyTorch makes of a small network, step by step, in double precision.

    python3 Tests/Fixtures/make_training.py > Tests/Fixtures/training.json

Made with PyTorch 2.15 on a CPU. Every run starts from the same weights and takes full batches, so that the order of
the samples does not matter. Inputs are rounded to single precision first: data sets hold single-precision numbers.
"""

import json

import numpy
import torch

INPUTS, HIDDEN, CLASSES, SAMPLES, STEPS = 6, (5, 4), 3, 20, 100

OPTIMIZERS = {
    "sgd": ({"name": "sgd", "learning-rate": 0.1}, lambda p: torch.optim.SGD(p, lr=0.1)),
    "sgd with momentum and decay": (
        {"name": "sgd", "learning-rate": 0.05, "momentum": 0.9, "weight-decay": 0.01},
        lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.9, weight_decay=0.01),
    ),
    "adam": ({"name": "adam", "learning-rate": 0.01}, lambda p: torch.optim.Adam(p, lr=0.01)),
    "adam with decay and other betas": (
        {"name": "adam", "learning-rate": 0.01, "weight-decay": 0.05, "beta1": 0.8, "beta2": 0.99, "epsilon": 1e-6},
        lambda p: torch.optim.Adam(p, lr=0.01, weight_decay=0.05, betas=(0.8, 0.99), eps=1e-6),
    ),
    "adamw": (
        {"name": "adamw", "learning-rate": 0.01, "weight-decay": 0.1},
        lambda p: torch.optim.AdamW(p, lr=0.01, weight_decay=0.1),
    ),
}


class MLP(torch.nn.Module):
    """Linear and ReLU in turn; the last layer is linear. Parameters are named layers.<i>.weight and .bias."""

    def __init__(self):
        super().__init__()
        sizes = (INPUTS,) + HIDDEN + (CLASSES,)
        self.layers = torch.nn.ModuleList(torch.nn.Linear(a, b) for a, b in zip(sizes, sizes[1:]))

    def forward(self, x):
        for layer in self.layers[:-1]:
            x = torch.relu(layer(x))
        return self.layers[-1](x)


def mean_loss(name, logits, labels):
    if name == "cross-entropy":
        return torch.nn.functional.cross_entropy(logits, labels)
    target = torch.nn.functional.one_hot(labels, CLASSES).to(logits.dtype)
    return torch.nn.functional.mse_loss(logits, target)


def flat(network):
    return torch.cat([p.detach().reshape(-1) for p in network.parameters()]).tolist()


def run(initial, inputs, labels, loss_name, make_optimizer):
    network = MLP().double()
    network.load_state_dict(initial)
    optimizer = make_optimizer(network.parameters())
    losses, parameters = [], {}
    for step in range(STEPS + 1):
        loss = mean_loss(loss_name, network(inputs), labels)
        losses.append(loss.item())
        if step in (1, 10, STEPS):
            parameters[str(step)] = flat(network)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return losses, parameters


def main():
    torch.manual_seed(20)
    torch.set_num_threads(1)
    generator = numpy.random.default_rng(20)
    inputs = torch.tensor(generator.standard_normal((SAMPLES, INPUTS)).astype(numpy.float32)).double()
    labels = torch.tensor(generator.integers(0, CLASSES, SAMPLES))
    network = MLP().double()
    initial = {name: value.clone() for name, value in network.state_dict().items()}
    runs = []
    for loss_name in ("cross-entropy", "mse"):
        for name, (options, make_optimizer) in OPTIMIZERS.items():
            losses, parameters = run(initial, inputs, labels, loss_name, make_optimizer)
            runs.append(
                {"name": name, "loss": loss_name, "optimizer": options, "losses": losses, "parameters": parameters})
    print(json.dumps(
        {
            "torch": torch.__version__.split("+")[0],
            "hidden": HIDDEN,
            "classes": CLASSES,
            "inputs": inputs.tolist(),
            "labels": labels.tolist(),
            "initial": flat(network),
            "runs": runs,
        }))


if __name__ == "__main__":
    main()
