"""Writes the network of a folder, with softmax, as FOLDER/network.onnx: export_onnx.py FOLDER. Images [n, channels, height, width]."""

import sys
import warnings

import torch
from networks import make_network
from serve import Samples
from torch import nn

warnings.filterwarnings("ignore")
folder = sys.argv[1]
height, width, channels = Samples(folder).images.shape[1:]
torch.onnx.export(
    nn.Sequential(make_network(folder), nn.Softmax(dim=1)).eval(),
    torch.zeros(1, channels, height, width),
    f"{folder}/network.onnx",
    input_names=["x"],
    output_names=["y"],
    dynamic_axes={"x": {0: "n"}, "y": {0: "n"}},
    opset_version=17,
    # The newer exporter needs a further package.
    dynamo=False,
)
