"""Writes images.json: small networks on images as PyTorch computes and trains them, in float64.

Usage: python3 Tests/Fixtures/make_images.py          (needs torch from PyPI; made with 2.15 on a CPU)

For each network: its parameters by name, one batch of inputs and labels (the same for all), the logits in training and
in evaluation, the gradients of the mean cross-entropy in training for every parameter (as the sum and the sum of squares,
and eight elements spread over each tensor) and for the inputs, and the losses of full-batch training after 0, 1, 10 and
100 steps under every optimiser and loss. Initial parameters are rounded to float32 and stated to that precision; inputs are
multiples of 1/64. Rates are small, so that rounding is not magnified along the way, but for one.
"""

import copy
import json
import pathlib

import torch
from torch import nn
from torch.nn import functional

SHAPE, CLASSES, BATCH = (2, 8, 9), 3, 19
STEPS = (0, 1, 10, 100)

OPTIMIZERS = {
    "sgd": ({"name": "sgd", "learning-rate": 0.002}, lambda p: torch.optim.SGD(p, lr=0.002)),
    "momentum": (
        {"name": "sgd", "learning-rate": 0.003, "momentum": 0.9, "weight-decay": 0.01},
        lambda p: torch.optim.SGD(p, lr=0.003, momentum=0.9, weight_decay=0.01),
    ),
    "fast momentum": (
        {"name": "sgd", "learning-rate": 0.02, "momentum": 0.9},
        lambda p: torch.optim.SGD(p, lr=0.02, momentum=0.9),
    ),
    "adam": (
        {"name": "adam", "learning-rate": 0.0002, "weight-decay": 0.01},
        lambda p: torch.optim.Adam(p, lr=0.0002, weight_decay=0.01),
    ),
    "adamw": (
        {"name": "adamw", "learning-rate": 0.0002, "weight-decay": 0.1},
        lambda p: torch.optim.AdamW(p, lr=0.0002, weight_decay=0.1),
    ),
}


class Plain(nn.Module):
    """ConvNet or CNN: convolutions named convs, normalisations named norms, a linear head."""

    def __init__(self, channels, strides, pools, batch_norm):
        super().__init__()
        sizes = [SHAPE[0]] + channels
        self.convs = nn.ModuleList(
            nn.Conv2d(a, b, 3, stride=s, padding=1) for a, b, s in zip(sizes, sizes[1:], strides))
        self.norms = nn.ModuleList(nn.BatchNorm2d(c) if batch_norm else nn.Identity() for c in channels)
        self.head = nn.Linear(channels[-1], CLASSES)
        self.pools = pools

    def forward(self, x):
        for index, (conv, norm) in enumerate(zip(self.convs, self.norms)):
            x = torch.relu(norm(conv(x)))
            if self.pools and index > 0:
                x = functional.max_pool2d(x, 2)
        x = functional.adaptive_max_pool2d(x, 1) if self.pools else x.mean((2, 3), keepdim=True)
        return self.head(x.flatten(1))


class Block(nn.Module):
    def __init__(self, inputs, outputs, stride, batch_norm, pre):
        super().__init__()
        norm = nn.BatchNorm2d if batch_norm else lambda c: nn.Identity()
        self.bn1 = norm(inputs if pre else outputs)
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride=stride, padding=1, bias=False)
        self.bn2 = norm(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, padding=1, bias=False)
        self.shortcut = None
        if stride != 1 or inputs != outputs:
            self.shortcut = nn.Conv2d(inputs, outputs, 1, stride=stride, bias=False)
        self.pre = pre

    def forward(self, x):
        if self.pre:
            first = torch.relu(self.bn1(x))
            skip = self.shortcut(first) if self.shortcut else x
            return self.conv2(torch.relu(self.bn2(self.conv1(first)))) + skip
        inner = torch.relu(self.bn1(self.conv1(x)))
        skip = self.shortcut(x) if self.shortcut else x
        return torch.relu(self.bn2(self.conv2(inner)) + skip)


class ResNet18(nn.Module):
    def __init__(self, width, batch_norm, pre):
        super().__init__()
        self.conv1 = nn.Conv2d(SHAPE[0], width, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(width) if batch_norm and not pre else nn.Identity()
        self.pre = pre
        inputs = width
        for stage in range(4):
            outputs = width << stage
            setattr(self, f"layer{stage + 1}", nn.Sequential(
                Block(inputs, outputs, 2 if stage else 1, batch_norm, pre),
                Block(outputs, outputs, 1, batch_norm, pre)))
            inputs = outputs
        self.linear = nn.Linear(inputs, CLASSES)

    def forward(self, x):
        x = self.conv1(x)
        if not self.pre:
            x = torch.relu(self.bn1(x))
        for stage in (self.layer1, self.layer2, self.layer3, self.layer4):
            x = stage(x)
        return self.linear(x.mean((2, 3)))


def networks():
    for norm in (False, True):
        yield ({"family": "convnet", "width": 2, "batch-norm": norm},
               Plain([2, 4, 8, 16], [1] * 4, True, norm))
        yield ({"family": "cnn", "width": 3, "depth": 4, "batch-norm": norm},
               Plain([3, 3, 6, 6], [1, 2, 1, 2], False, norm))
        for variant in ("preactivation", "postactivation"):
            yield ({"family": "resnet18", "width": 1, "batch-norm": norm, "variant": variant},
                   ResNet18(1, norm, variant == "preactivation"))


def spread(tensor):
    values = tensor.detach().flatten()
    places = [index * (len(values) - 1) // 7 for index in range(8)]
    return {"sum": values.sum().item(), "squares": values.square().sum().item(), "places": places,
            "values": [values[place].item() for place in places]}


def rounded(tensor):
    """Numbers with seven digits are enough to read a float32 back nearly; what counts is that both sides read the same."""
    return [float(f"{value:.7g}") for value in tensor.flatten().tolist()]


def case(model, network, inputs, labels):
    network = network.double()
    with torch.no_grad():
        for name, value in network.named_parameters():
            if value.dim() == 1 and name.endswith("weight"):
                value.uniform_(0.5, 1.5)
            value.copy_(torch.tensor(rounded(value), dtype=torch.float64).reshape(value.shape))
    parameters = {name: value.flatten().tolist() for name, value in network.named_parameters()}
    shapes = {name: list(value.shape) for name, value in network.named_parameters()}
    network.eval()
    evaluated = network(inputs)
    network.train()
    x = inputs.clone().requires_grad_()
    logits = network(x)
    functional.cross_entropy(logits, labels).backward()
    gradients = {name: spread(value.grad) for name, value in network.named_parameters()}
    result = {
        "model": model, "parameters": parameters, "shapes": shapes, "evaluated": evaluated.flatten().tolist(),
        "logits": logits.flatten().tolist(), "gradients": gradients, "inputGradient": spread(x.grad)}
    initial = copy.deepcopy(network.state_dict())
    result["runs"] = [
        {"name": name, "loss": loss, "optimizer": settings}
        | {"losses": run(network, initial, inputs, labels, loss, make_optimizer)}
        for loss in ("cross-entropy", "mse") for name, (settings, make_optimizer) in OPTIMIZERS.items()]
    return result


def mean_loss(name, logits, labels):
    if name == "cross-entropy":
        return functional.cross_entropy(logits, labels)
    return functional.mse_loss(logits, functional.one_hot(labels, CLASSES).to(logits.dtype))


def run(network, initial, inputs, labels, loss_name, make_optimizer):
    network.load_state_dict(initial)
    optimizer = make_optimizer(network.parameters())
    losses = []
    for step in range(max(STEPS) + 1):
        loss = mean_loss(loss_name, network(inputs), labels)
        if step in STEPS:
            losses.append(loss.item())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return losses


def main():
    torch.manual_seed(7)
    torch.set_num_threads(1)
    inputs = (torch.randn(BATCH, *SHAPE, dtype=torch.float64) * 64).round() / 64
    labels = torch.randint(0, CLASSES, (BATCH,))
    cases = [case(model, network, inputs, labels) for model, network in networks()]
    text = json.dumps({
        "torch": torch.__version__.split("+")[0], "shape": SHAPE, "classes": CLASSES, "steps": STEPS,
        "inputs": inputs.flatten().tolist(), "labels": labels.tolist(), "cases": cases}, separators=(",", ":"))
    pathlib.Path(__file__).with_name("images.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
