"""Writes test/onnx/cases/corners.onnx, a file of rare operators and forms, and onnxruntime's answers.

onnxruntime has no LRN of even size, and onnx's evaluator is wrong there: that answer is the standard's formula.

Run with a Python that has onnx 1.23 and onnxruntime 1.32:  python3 scripts/golden/make-onnx-corners.py, then npm run format
"""

import json
import pathlib

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

CASES = pathlib.Path(__file__).parents[2] / "test" / "onnx" / "cases"
random = np.random.default_rng(4)


def draw(*shape):
    return random.uniform(-1, 1, shape).round(3).astype("float32")


def floats(name, *shape):
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)


WEIGHTS = {"kernel": draw(4, 3, 2, 3, 2), "bias": draw(6), "table": draw(7, 3)}
NODES = [
    helper.make_node("LRN", ["image"], ["even"], size=4, alpha=0.5, beta=0.6, bias=1.5),
    helper.make_node(
        "ConvTranspose",
        ["volume", "kernel", "bias"],
        ["large"],
        group=2,
        strides=[2, 2, 3],
        pads=[1, 0, 1, 0, 1, 1],
        output_padding=[1, 1, 2],
        name="up",
    ),
    helper.make_node("Resize", ["image", "", "factors"], ["twice"], mode="linear", coordinate_transformation_mode="half_pixel"),
    helper.make_node("Shape", ["image"], ["head"], start=0, end=2),
    helper.make_node("Concat", ["head", "sides"], ["sizes"], axis=0),
    helper.make_node(
        "Resize", ["image", "", "", "sizes"], ["sized"], mode="linear", coordinate_transformation_mode="pytorch_half_pixel"
    ),
    helper.make_node("Cast", ["words"], ["indices"], to=TensorProto.INT64),
    helper.make_node("Gather", ["table", "indices"], ["vectors"], name="lookup"),
]
WEIGHTS |= {"factors": np.array([1, 1, 2, 3], "float32"), "sides": np.array([3, 4], "int64")}
OUTPUTS = [
    floats("even", "N", 4, "H", "W"),
    floats("large", "N", 6, None, None, None),
    floats("twice", "N", 4, None, None),
    floats("sized", "N", 4, 3, 4),
    floats("vectors", "N", 5, 3),
]
graph = helper.make_graph(
    NODES,
    "corners",
    [floats("image", "N", 4, "H", "W"), floats("volume", "N", 4, 3, 2, 3), floats("words", "N", 5)],
    OUTPUTS,
    [numpy_helper.from_array(value, name) for name, value in WEIGHTS.items()],
)
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
onnx.checker.check_model(model, full_check=True)
onnx.save(model, CASES / "corners.onnx")

options = onnxruntime.SessionOptions()
options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
rest = onnx.ModelProto.FromString(model.SerializeToString())
del rest.graph.node[0], rest.graph.output[0]
session = onnxruntime.InferenceSession(rest.SerializeToString(), options, ["CPUExecutionProvider"])
given = {
    "image": draw(2, 4, 5, 6),
    "volume": draw(2, 4, 3, 2, 3),
    "words": random.integers(0, 7, (2, 5)).astype("float32"),
}


def port(name, array):
    return {"name": name, "shape": list(array.shape), "values": [round(float(v), 7) for v in array.reshape(-1)]}


image = given["image"].astype("float64")
sums = np.stack([np.sum(image[:, max(0, c - 1) : c + 3] ** 2, axis=1) for c in range(4)], axis=1)
answers = [image / (1.5 + 0.5 / 4 * sums) ** 0.6, *session.run(None, given)]
names = [output.name for output in OUTPUTS]
case = {
    "name": "corners",
    "file": "corners.onnx",
    "inputs": [port(name, array) for name, array in given.items()],
    "outputs": [port(name, array) for name, array in zip(names, answers)],
    "tolerance": {"rtol": 1e-4, "atol": 1e-5},
    # A bias of volumes is an addition of its own.
    "parameters": {"trainable": int(WEIGHTS["kernel"].size + WEIGHTS["table"].size), "statistics": 0},
}
(CASES / "corners.json").write_text(json.dumps(case))
