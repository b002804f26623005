"""Writes probes.json: Jacobian norms and local complexities of small MLPs as PyTorch computes them, in float64.

Usage: python3 Tests/Fixtures/make_probes.py          (needs torch from PyPI)

For each network: its parameters, training inputs with true and assigned labels, test inputs, the norm of the gradient
of each training example's loss with respect to its input, an orthonormal frame, and for each set, radius and linear
layer (the logits last) how many units change sign among the vertices x + r v and x - r v, summed over the points.
Inputs are float32 numbers, and no unit at any vertex is so close to zero that single precision could miss its sign.
Numbers are the shortest texts that read back to the same bits.
"""

import json
import pathlib

import torch
from torch import nn

SHAPE = (2, 3)
CLASSES = 4
DIRECTIONS = 5
RADII = [0.01, 0.3, 2.0]
TRAIN, TEST = 12, 7
# Sums of at most 9 products of about 5 have errors below 1e-5 in single precision.
MARGIN = 2e-5
ACTIVATIONS = {"relu": nn.ReLU, "tanh": nn.Tanh}
LOSSES = {
    "cross-entropy": nn.functional.cross_entropy,
    "mse": lambda z, y: nn.functional.mse_loss(z, nn.functional.one_hot(y, CLASSES).to(z.dtype)),
}


def network(widths, activation):
    sizes = [SHAPE[0] * SHAPE[1]] + widths + [CLASSES]
    modules = []
    for inputs, outputs in zip(sizes, sizes[1:]):
        modules += [nn.Linear(inputs, outputs), ACTIVATIONS[activation]()]
    return nn.Sequential(*modules[:-1]).double()


def jacobian_norms(model, loss, inputs, labels):
    """One example at a time, so that no mean over a batch can hide a factor."""
    norms = []
    for x, y in zip(inputs, labels):
        x = x[None].clone().requires_grad_()
        (gradient,) = torch.autograd.grad(LOSSES[loss](model(x), y[None]), x)
        norms.append(gradient.norm().item())
    return norms


class TooClose(Exception):
    """A unit within rounding of zero would make the count depend on the order of summation."""


def local_complexity(model, inputs, frame, radius):
    """Units with more than one sign among the vertices, layer by layer, by hooks on every linear layer."""
    outputs = []
    linear = [m for m in model if isinstance(m, nn.Linear)]
    hooks = [m.register_forward_hook(lambda m, i, out: outputs.append(out)) for m in linear]
    counts = [0] * len(linear)
    for x in inputs:
        outputs.clear()
        model(torch.cat([x + radius * frame.T, x - radius * frame.T]))
        for layer, z in enumerate(outputs):
            if z.abs().min() < MARGIN:
                raise TooClose
            signs = torch.sign(z)
            counts[layer] += int((signs != signs[0]).any(dim=0).sum())
    for hook in hooks:
        hook.remove()
    return counts


def flat(tensor):
    return tensor.detach().flatten().tolist()


@torch.no_grad()
def case(widths, activation, loss, seed):
    torch.manual_seed(seed)
    model = network(widths, activation)
    for parameter in model.parameters():
        parameter.mul_(2)  # Away from the linear part of tanh, and with larger losses.
    dimensions = SHAPE[0] * SHAPE[1]
    inputs = torch.randn(TRAIN, dimensions).double()
    test = torch.randn(TEST, dimensions).double()
    labels = torch.randint(0, CLASSES, (TRAIN,))
    assigned = labels.clone()
    assigned[::3] = (assigned[::3] + 1) % CLASSES
    q, r = torch.linalg.qr(torch.randn(dimensions, DIRECTIONS, dtype=torch.float64))
    frame = q * r.diagonal().sign()
    linear = [m for m in model if isinstance(m, nn.Linear)]
    with torch.enable_grad():
        norms = jacobian_norms(model, loss, inputs, assigned)
    return {
        "activation": activation,
        "loss": loss,
        "widths": widths,
        "seed": seed,
        "parameters": [flat(p) for m in linear for p in (m.weight, m.bias)],
        "trainInputs": flat(inputs),
        "testInputs": flat(test),
        "labelsTrue": labels.tolist(),
        "labelsAssigned": assigned.tolist(),
        "frame": flat(frame),
        "jacobianNorms": norms,
        "trainCounts": [local_complexity(model, inputs, frame, r) for r in RADII],
        "testCounts": [local_complexity(model, test, frame, r) for r in RADII],
    }


def first_case(seed, combination):
    """The case of the first seed from `seed` on whose units all keep away from zero."""
    for seed in range(seed, seed + 1000):
        try:
            return case(*combination, seed)
        except TooClose:
            continue
    raise TooClose


def main():
    combinations = [(w, a, l) for w in ([9], [8, 6], [7, 6, 5]) for a in ACTIVATIONS for l in LOSSES]
    document = {
        "made by": f"make_probes.py with torch {torch.__version__.split('+')[0]}",
        "height": SHAPE[0],
        "width": SHAPE[1],
        "classCount": CLASSES,
        "directions": DIRECTIONS,
        "radii": RADII,
        "cases": [first_case(1000 * number, c) for number, c in enumerate(combinations)],
    }
    path = pathlib.Path(__file__).parent / "probes.json"
    path.write_text(json.dumps(document, indent=None, separators=(",", ":")) + "\n")


main()
