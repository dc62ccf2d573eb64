"""Writes ONNX files with functions, sparse tensors and a Resize beyond its input, and what onnxruntime makes of them.

Run with a Python that has numpy, onnx and onnxruntime:  python3 scripts/golden/make-onnx-forms.py test/onnx/cases
"""

import json
import pathlib
import sys

import numpy as np
import onnxruntime
from onnx import AttributeProto, TensorProto, helper, numpy_helper

random = np.random.default_rng(4)
DOMAIN = "example.functions"
OPSETS = [helper.make_opsetid("", 18), helper.make_opsetid(DOMAIN, 1)]


def numbers(*shape):
    return random.normal(size=shape).astype(np.float32)


def reference(node, name, attribute, kind):
    """Lets an attribute of a function's node have the value of one of the function's."""
    node.attribute.append(AttributeProto(name=name, ref_attr_name=attribute, type=kind))
    return node


def functions():
    """A block that uses another function twice, with an attribute, a default and an input that is left out."""
    scaled = helper.make_node("LeakyRelu", ["s"], ["out"])
    reference(scaled, "alpha", "slope", AttributeProto.FLOAT)
    act = helper.make_function(
        DOMAIN, "Act", ["a"], ["out"], [helper.make_node("Mul", ["a", "a"], ["s0"]),
        helper.make_node("Sub", ["a", "s0"], ["s"]), scaled], OPSETS[:1],
        attribute_protos=[helper.make_attribute("slope", 0.3)])
    conv = helper.make_node("Conv", ["x", "w", "b"], ["c"])
    reference(conv, "strides", "steps", AttributeProto.INTS)
    block = helper.make_function(
        DOMAIN, "Block", ["x", "w", "b"], ["y"], [conv,
        helper.make_node("Act", ["c"], ["s"], domain=DOMAIN, slope=0.1),
        helper.make_node("Act", ["s"], ["y"], domain=DOMAIN)], OPSETS, ["steps"])
    nodes = [
        helper.make_node("Block", ["x", "w1", "b1"], ["h"], domain=DOMAIN, name="first", steps=[1, 2]),
        helper.make_node("Block", ["h", "w2", ""], ["y"], domain=DOMAIN, name="second"),
    ]
    weights = {"w1": numbers(4, 3, 3, 3), "b1": numbers(4), "w2": numbers(2, 4, 1, 1)}
    return nodes, weights, [], [act, block], [2, 3, 7, 9]


def sparse():
    """One tensor with places counted through it, one with an index on each axis."""
    kernel = np.zeros((4, 5), np.float32)
    kernel[[0, 1, 1, 3], [4, 0, 2, 3]] = numbers(4)
    bias = np.zeros(5, np.float32)
    bias[[1, 4]] = numbers(2)
    places = np.argwhere(kernel).astype(np.int64)
    tensors = [
        helper.make_sparse_tensor(numpy_helper.from_array(kernel[kernel != 0], "w"),
                                  numpy_helper.from_array(places, "w_places"), kernel.shape),
        helper.make_sparse_tensor(numpy_helper.from_array(bias[bias != 0], "b"),
                                  numpy_helper.from_array(np.flatnonzero(bias).astype(np.int64), "b_places"), bias.shape),
    ]
    return [helper.make_node("Gemm", ["x", "w", "b"], ["y"])], {}, tensors, [], [3, 4]


def crop_resize():
    nodes = [helper.make_node("Resize", ["x", "roi", "", "sizes"], ["y"], mode="linear", extrapolation_value=7.5,
                              coordinate_transformation_mode="tf_crop_and_resize")]
    roi = np.array([0, 0, -0.3, 0.2, 1, 1, 0.9, 1.4], np.float32)
    return nodes, {"roi": roi, "sizes": np.array([2, 3, 6, 5], np.int64)}, [], [], [2, 3, 5, 4]


def write(folder, make):
    nodes, weights, sparse_tensors, own_functions, shape = make()
    x = numbers(*shape)
    trainable = sum(w.size for w in weights.values() if w.dtype == np.float32)
    if make is sparse:
        trainable = 25
    if make is crop_resize:
        trainable = 0
    ports = [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["batch", *shape[1:]])]
    outputs = [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)]
    tensors = [numpy_helper.from_array(w, name) for name, w in weights.items()]
    graph = helper.make_graph(nodes, make.__name__, ports, outputs, tensors, sparse_initializer=sparse_tensors)
    model = helper.make_model(graph, opset_imports=OPSETS, functions=own_functions, ir_version=8)
    file = f"{make.__name__}.onnx"
    (folder / file).write_bytes(model.SerializeToString())
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    y = session.run(None, {"x": x})[0]
    case = {
        "name": make.__name__, "file": file, "inputs": [port("x", x)], "outputs": [port("y", y)],
        "tolerance": {"rtol": 1e-5, "atol": 1e-5}, "parameters": {"trainable": trainable, "statistics": 0},
    }
    (folder / f"{make.__name__}.json").write_text(json.dumps(case) + "\n")


def port(name, array):
    return {"name": name, "shape": list(array.shape), "values": [float(f"{v:.7g}") for v in array.ravel()]}


for each in (functions, sparse, crop_resize):
    write(pathlib.Path(sys.argv[1]), each)
