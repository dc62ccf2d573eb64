"""Writes the LeNet as an ONNX model for onnxruntime: export-onnx.py FILE. Images [n, 1, 28, 28] in, probabilities [n, 10] out."""

import inspect
import sys

import torch
from torch import nn

model = nn.Sequential(
    nn.Conv2d(1, 32, 5),
    nn.ReLU(),
    nn.MaxPool2d(2),
    nn.Conv2d(32, 64, 5),
    nn.ReLU(),
    nn.MaxPool2d(2),
    nn.Flatten(),
    nn.Linear(1024, 1000),
    nn.ReLU(),
    nn.Linear(1000, 10),
    nn.Softmax(dim=1),
)
# The newer exporter, where there is one, needs further packages.
older = {"dynamo": False} if "dynamo" in inspect.signature(torch.onnx.export).parameters else {}
torch.onnx.export(
    model.eval(),
    torch.zeros(1, 1, 28, 28),
    sys.argv[1],
    input_names=["x"],
    output_names=["y"],
    dynamic_axes={"x": {0: "n"}, "y": {0: "n"}},
    opset_version=13,
    **older,
)
