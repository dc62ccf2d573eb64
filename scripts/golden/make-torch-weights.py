"""Writes test/io/fixtures/safetensors/torch_*.safetensors and .json: state dicts of PyTorch with what the modules give.

Run with a Python that has torch 2.15 and safetensors 0.8:  python3 scripts/golden/make-torch-weights.py, then npm run format
"""

import json
import pathlib

import torch
from safetensors.torch import save_file
from torch import nn

FOLDER = pathlib.Path(__file__).parents[2] / "test" / "io" / "fixtures" / "safetensors"


class Images(nn.Module):
    """Kernels of all kinds, and vectors that were images: 3 x 4 x 5, channels first."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(2, 4, 3), nn.BatchNorm2d(4), nn.PReLU(4))
        self.depth = nn.Conv2d(4, 8, 3, padding=1, groups=4)
        self.separable = nn.ModuleDict(
            {"depthwise": nn.Conv2d(8, 8, 3, padding=1, groups=8, bias=False), "pointwise": nn.Conv2d(8, 6, 1)}
        )
        self.grouped = nn.Conv2d(6, 4, 3, padding=1, groups=2)
        self.norm = nn.GroupNorm(2, 4)
        self.up = nn.ConvTranspose2d(4, 3, 2, stride=2)
        self.flat = nn.BatchNorm1d(3 * 4 * 6)
        self.hidden = nn.Linear(3 * 4 * 6, 72)
        self.scores = nn.Linear(72, 3)

    def forward(self, x):
        x = self.depth(self.stem(x))
        x = self.separable["pointwise"](self.separable["depthwise"](x))
        x = self.up(self.norm(self.grouped(x)))
        return self.scores(torch.relu(self.hidden(self.flat(torch.flatten(x, 1)))))


class Words(nn.Module):
    """An embedding, sequences of 4 channels, layer normalization, and vectors that were sequences."""

    def __init__(self):
        super().__init__()
        self.table = nn.Embedding(7, 4)
        self.norm = nn.LayerNorm(4, eps=1e-3)
        self.conv = nn.Conv1d(4, 3, 2)
        self.scores = nn.Linear(12, 2)

    def forward(self, x):
        x = self.norm(self.table(x)).transpose(1, 2)
        return self.scores(torch.flatten(self.conv(x), 1))


def write(name, module, x, layout):
    for tensor in module.state_dict().values():
        if tensor.is_floating_point():
            tensor.uniform_(0.2, 1.2) if tensor.ndim == 1 else tensor.uniform_(-0.7, 0.7)
    module.eval()
    with torch.no_grad():
        y = module(x)
    save_file(module.state_dict(), FOLDER / f"torch_{name}.safetensors")
    given = x.permute(0, 2, 3, 1) if layout == "images" else x
    answer = {
        "x": {"shape": list(given.shape), "values": [round(v, 6) for v in given.flatten().tolist()]},
        "y": [round(v, 7) for v in y.flatten().tolist()],
    }
    (FOLDER / f"torch_{name}.json").write_text(json.dumps(answer))


torch.manual_seed(5)
write("images", Images(), torch.rand(2, 2, 4, 5).round(decimals=6), "images")
write("words", Words(), torch.randint(0, 7, (2, 5)), "words")
