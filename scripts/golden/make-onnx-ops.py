"""Writes test/program/fixtures/onnx-ops.json: what onnxruntime computes for single nodes, as ops of programs.

Run with a Python that has numpy, onnx and onnxruntime:  python3 scripts/golden/make-onnx-ops.py
Values are in convforge's layouts, without the batch: images [h, w, c]. A case has `op`, `attributes`, `inputs` and
`output`; a Resize has `resize` instead, its axes and how it interpolates.
"""

import json
import pathlib

import numpy as np
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

FIXTURE = pathlib.Path(__file__).parents[2] / "test" / "program" / "fixtures" / "onnx-ops.json"
random = np.random.default_rng(7)


def numbers(*shape):
    """Multiples of 1/4 without ties, which float32 holds."""
    count = int(np.prod(shape))
    return ((random.permutation(count).reshape(shape) - count // 2) / 4).astype(np.float32)


def run(op, inputs, constants=(), opset=22, **attributes):
    """The output of one node for a batch of one sample. A constant may be None."""
    names = [f"x{i}" for i in range(len(inputs))]
    initializers = [numpy_helper.from_array(c, f"c{i}") if c is not None else None for i, c in enumerate(constants)]
    taken = names + [c.name if c is not None else "" for c in initializers]
    node = helper.make_node(op, taken, ["y"], **attributes)
    values = [helper.make_tensor_value_info(n, TensorProto.FLOAT, x.shape) for n, x in zip(names, inputs)]
    out = helper.make_tensor_value_info("y", TensorProto.FLOAT, None)
    graph = helper.make_graph([node], op, values, [out], [c for c in initializers if c is not None])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=10)
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    return session.run(None, dict(zip(names, inputs)))[0]


def value(array):
    flat = [float(f"{v:.7g}") for v in array.reshape(-1).tolist()]
    return {"shape": list(array.shape), "values": [int(v) if v == int(v) else v for v in flat]}


def case(op, attributes, inputs, output, **more):
    return {"op": op, "attributes": attributes, **more, "inputs": [value(x) for x in inputs], "output": value(output)}


def image(x):
    """[h, w, c] of [1, c, h, w]."""
    return np.ascontiguousarray(x[0].transpose(1, 2, 0))


def pool(kind, size, strides, pads, dilations=(1, 1), ceil=0, include=0, side=(6, 7)):
    """Pads are [top, left, bottom, right]."""
    x = numbers(1, 2, *side)
    more = {"count_include_pad": include} if kind == "average" else {}
    y = run({"max": "MaxPool", "average": "AveragePool"}[kind], [x], kernel_shape=size, strides=strides, pads=pads,
            dilations=dilations, ceil_mode=ceil, **more)
    reach = [(y.shape[2 + a] - 1) * strides[a] + (size[a] - 1) * dilations[a] + 1 - side[a] - pads[a] - pads[a + 2]
             for a in (0, 1)]
    attributes = {"kind": kind, "size": size, "strides": strides, "padding": [pads[0], pads[2], pads[1], pads[3]],
                  "dilations": dilations, "beyond": [max(r, 0) for r in reach]}
    if include:
        attributes["counted"] = "padded"
    return case("pool2d", attributes, [image(x)], image(y))


def pools():
    for kind, includes in [("max", [0]), ("average", [0, 1])]:
        for include in includes:
            for ceil in (0, 1):
                yield pool(kind, [3, 2], [2, 2], [1, 0, 1, 0], ceil=ceil, include=include)
                yield pool(kind, [2, 2], [1, 3], [0, 1, 1, 0], [2, 3], ceil, include)
            yield pool(kind, [3, 3], [3, 3], [1, 1, 1, 1], ceil=1, include=include, side=(2, 2))


def normalizations():
    for size, alpha, beta, bias in [(1, 0.5, 0.75, 1), (3, 0.9, 0.5, 2), (5, 1e-4, 0.75, 1), (9, 2, 1, 0.5)]:
        x = numbers(1, 7, 2, 2)
        y = run("LRN", [x], size=size, alpha=float(alpha), beta=float(beta), bias=float(bias))
        yield case("lrn", {"size": size, "alpha": alpha, "beta": beta, "bias": bias}, [image(x)], image(y))


def pads():
    for mode, before, after in [("constant", [1, 0, 2], [0, 3, 1]), ("constant", [-1, 1, 0], [2, -2, 0]),
                                ("edge", [2, 1, 0], [0, 4, 1]), ("reflect", [2, 1, 0], [1, 3, 1]),
                                ("wrap", [2, 1, 0], [1, 3, 2])]:
        x = numbers(3, 4, 2)
        amounts = np.array([0, *before, 0, *after], np.int64)
        y = run("Pad", [x[None]], [amounts, np.array(2.5, np.float32) if mode == "constant" else None], mode=mode)[0]
        attributes = {"before": before, "after": after, "mode": mode}
        yield case("pad", attributes | ({"value": 2.5} if mode == "constant" else {}), [x], y)


def choices():
    x = numbers(5, 6, 2)
    starts, sizes, steps = [4, 1, 0], [2, 3, 2], [-3, 2, 1]
    ends = [-6, 6, 2]
    y = run("Slice", [x[None]], [np.array(v, np.int64) for v in (starts, ends, [1, 2, 3], steps)])[0]
    yield case("slice", {"starts": starts, "sizes": sizes, "steps": steps}, [x], y)
    indices = np.array([[3, 0], [5, 3]], np.int64)
    y = run("Gather", [x[None]], [indices], axis=2)[0]
    attributes = {"axis": 1, "indices": indices.reshape(-1).tolist(), "indicesShape": [2, 2]}
    yield case("gather", attributes, [x], y)


def products():
    for a, b in [([3, 4], [4, 5]), ([2, 3, 4], [2, 4, 3]), ([2, 1, 3, 2], [3, 2, 4])]:
        x, y = numbers(*a), numbers(*b)
        # onnxruntime aligns the batch axis as well, so missing axes are written out.
        rank = max(len(a), len(b))
        full = [z.reshape([1] * (rank - z.ndim + 1) + list(z.shape)) for z in (x, y)]
        yield case("matMul", {}, [x, y], run("MatMul", full)[0])


def resizes():
    modes = ["half_pixel", "half_pixel_symmetric", "pytorch_half_pixel", "align_corners", "asymmetric"]
    kinds = [{"mode": "linear", "coordinate_transformation_mode": mode} for mode in modes]
    kinds += [{"mode": "cubic", "coordinate_transformation_mode": mode} for mode in modes[2:]]
    kinds += [{"mode": "cubic", "cubic_coeff_a": -0.5, "exclude_outside": 1}]
    kinds += [{"mode": mode, "antialias": 1} for mode in ("linear", "cubic")]
    kinds += [{"mode": "nearest", "nearest_mode": mode} for mode in ("round_prefer_floor", "round_prefer_ceil", "ceil")]
    for kind in kinds:
        x = numbers(1, 1, 5, 4)
        size = [3, 7]
        y = run("Resize", [x], [None, None, np.array([1, 1, *size], np.int64)], **kind)
        yield case("resample", {}, [image(x)], image(y), resize={"size": size, **kind})


cases = [*pools(), *normalizations(), *pads(), *choices(), *products(), *resizes()]
FIXTURE.write_text("[\n" + ",\n".join(json.dumps(c, separators=(",", ":")) for c in cases) + "\n]\n")
