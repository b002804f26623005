"""Writes networks.json and networks.safetensors: small MLPs as PyTorch computes them, in float64.

Usage: python3 Tests/Fixtures/make_networks.py          (needs torch and safetensors from PyPI)

For each network: its parameters, one batch of inputs and labels, the logits, each example's loss, the mean loss, and
the gradients of the mean loss for every parameter and for the inputs. Numbers are the shortest texts that read back
to the same bits. networks.safetensors holds the parameters of the first network, written by the reference library.
"""

import json
import pathlib

import safetensors
import safetensors.torch
import torch
from torch import nn

SIZES = [5, 7, 6, 4]
BATCH = 6
ACTIVATIONS = {
    "relu": nn.functional.relu,
    "tanh": torch.tanh,
    "identity": lambda z: z,
    "gelu": nn.functional.gelu,
    "leaky-relu": nn.functional.leaky_relu,
}


class MLP(nn.Module):
    """Linear layers in a list named `layers`, with one activation between them."""

    def __init__(self, activation):
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(a, b) for a, b in zip(SIZES, SIZES[1:]))
        self.activation = ACTIVATIONS[activation]

    def forward(self, x):
        for layer in self.layers[:-1]:
            x = self.activation(layer(x))
        return self.layers[-1](x)


def losses(name, logits, labels):
    """Each example's loss; their mean is what PyTorch's own module gives."""
    if name == "cross-entropy":
        values = nn.functional.cross_entropy(logits, labels, reduction="none")
        mean = nn.functional.cross_entropy(logits, labels)
    else:
        targets = nn.functional.one_hot(labels, SIZES[-1]).to(logits.dtype)
        values = nn.functional.mse_loss(logits, targets, reduction="none").mean(dim=1)
        mean = nn.functional.mse_loss(logits, targets)
    assert torch.allclose(values.mean(), mean, rtol=1e-15, atol=0)
    return values, mean


def flat(tensor):
    return tensor.detach().flatten().tolist()


def case(activation, loss, seed):
    torch.manual_seed(seed)
    network = MLP(activation).double()
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.mul_(2)  # Away from the linear part of tanh, and with larger losses.
    inputs = torch.randn(BATCH, SIZES[0], dtype=torch.float64, requires_grad=True)
    labels = torch.randint(0, SIZES[-1], (BATCH,))
    logits = network(inputs)
    values, mean = losses(loss, logits, labels)
    mean.backward()
    return network, {
        "activation": activation,
        "loss": loss,
        "sizes": SIZES,
        "parameters": {name: flat(p) for name, p in network.named_parameters()},
        "shapes": {name: list(p.shape) for name, p in network.named_parameters()},
        "inputs": flat(inputs),
        "labels": labels.tolist(),
        "logits": flat(logits),
        "losses": flat(values),
        "meanLoss": mean.item(),
        "gradients": {name: flat(p.grad) for name, p in network.named_parameters()},
        "inputGradient": flat(inputs.grad),
    }


def main():
    folder = pathlib.Path(__file__).parent
    combinations = [(activation, loss) for activation in ACTIVATIONS for loss in ("cross-entropy", "mse")]
    cases = [case(activation, loss, seed) for seed, (activation, loss) in enumerate(combinations)]
    versions = f"torch {torch.__version__.split('+')[0]}, safetensors {safetensors.__version__}"
    document = {
        "made by": f"make_networks.py with {versions}",
        "cases": [description for _, description in cases],
    }
    (folder / "networks.json").write_text(json.dumps(document, indent=None, separators=(",", ":")) + "\n")
    parameters = {name: p.detach().clone() for name, p in cases[0][0].named_parameters()}
    safetensors.torch.save_file(parameters, folder / "networks.safetensors", metadata={"format": "pt"})


main()
