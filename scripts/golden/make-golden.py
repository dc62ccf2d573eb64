"""Writes test/program/fixtures/*.json: the results of PyTorch in float64 for small cases.

Run with a Python that has numpy and torch:  python3 scripts/golden/make-golden.py
Values are in convforge's layouts: [n, h, w, c], kernels [kh, kw, in, out], dense kernels [in, out].
"""

import json
import pathlib

import numpy as np
import torch
import torch.nn.functional as F

FIXTURES = pathlib.Path(__file__).parents[2] / "test" / "program" / "fixtures"
torch.set_default_dtype(torch.float64)
random = np.random.default_rng(20)


def quarters(*shape):
    """Multiples of 1/4 in [-2, 2]: exact in float32, and so are their products."""
    return torch.tensor(random.integers(-8, 9, shape) / 4)


def distinct(*shape):
    """Quarters without ties, so that a maximum is unique."""
    count = int(np.prod(shape))
    return torch.tensor((random.permutation(count).reshape(shape) - count // 2) / 4)


def flat(tensor):
    """Rounded to 6 digits; whole numbers without a point."""
    values = np.round(tensor.detach().numpy().reshape(-1), 6).tolist()
    return [int(v) if v == int(v) else v for v in values]


def save(name, cases):
    lines = ",\n".join(json.dumps(case) for case in cases)
    (FIXTURES / f"{name}.json").write_text(f"[\n{lines}\n]\n")


def to_channels_first(x):
    return x.permute(0, 3, 1, 2)


def to_channels_last(x):
    return x.permute(0, 2, 3, 1)


def op_case(name, op, attributes, x, parameters, run, loss="halfSquaredError", targets=None, names=("kernel", "bias")):
    """A case of one op and a loss: the outputs, the loss, and its gradients by inputs and parameters."""
    x = x.clone().requires_grad_()
    parameters = [p.clone().requires_grad_() for p in parameters]
    outputs = run(x, *parameters)
    if loss == "halfSquaredError":
        targets = quarters(*outputs.shape)
        value = ((outputs - targets) ** 2).sum() / 2 / len(x)
    else:
        value = F.cross_entropy(x.reshape(-1, x.shape[-1]), targets.reshape(-1, *targets.shape[x.dim() - 1 :]))
    value.backward()
    return {
        "name": name,
        "op": op,
        "attributes": attributes,
        "samples": len(x),
        "inputShape": list(x.shape[1:]),
        "outputShape": list(outputs.shape[1:]),
        "parameters": [
            {"name": n, "shape": list(p.shape), "values": flat(p), "gradient": flat(p.grad)}
            for n, p in zip(names, parameters)
        ],
        "loss": loss,
        "inputs": flat(x),
        "targets": flat(targets),
        "outputs": flat(outputs),
        "lossValue": round(value.item(), 6),
        "inputGradient": flat(x.grad),
    }


def conv_case(name, image, kernel, filters, strides=(1, 1), dilation=(1, 1), padding=(0, 0, 0, 0), bias=True):
    top, bottom, left, right = padding

    def run(x, k, b=None):
        padded = F.pad(to_channels_first(x), (left, right, top, bottom))
        return to_channels_last(F.conv2d(padded, k.permute(3, 2, 0, 1), b, strides, 0, dilation))

    parameters = [quarters(*kernel, image[2], filters)] + ([quarters(filters)] if bias else [])
    attributes = {"strides": list(strides), "dilation": list(dilation), "padding": list(padding)}
    return op_case(name, "conv2d", attributes, quarters(2, *image), parameters, run)


def pool_case(name, kind, image, size, strides, padding=(0, 0, 0, 0)):
    top, bottom, left, right = padding
    cells = size[0] * size[1]

    def sums(x):
        return F.avg_pool2d(x, size, strides) * cells

    def run(x):
        x = to_channels_first(x)
        pads = (left, right, top, bottom)
        if kind == "max":
            y = F.max_pool2d(F.pad(x, pads, value=-torch.inf), size, strides)
        else:
            y = sums(F.pad(x, pads))
            if kind == "average":
                y = y / sums(F.pad(torch.ones_like(x), pads))
        return to_channels_last(y)

    attributes = {"kind": kind, "size": list(size), "strides": list(strides), "padding": list(padding)}
    return op_case(name, "pool2d", attributes, distinct(2, *image), [], run)


def activation_case(kind, run):
    return op_case(kind, "activation", {"kind": kind}, quarters(3, 2, 5), [], run)


def crossentropy_case(name, loss, targets):
    softmax = lambda x: torch.softmax(x, -1)
    x = quarters(4, *([2] if targets.dim() - (loss == "categoricalCrossentropy") == 2 else []), 5) * 2
    return op_case(name, "activation", {"kind": "softmax"}, x, [], softmax, loss, targets)


def optimizer_case(name, description, make, before_step=lambda optimizer, step: None):
    """Four full-batch steps of a dense layer under meanSquaredError."""
    x, y = quarters(5, 3), quarters(5, 2)
    kernel, bias = quarters(3, 2).requires_grad_(), quarters(2).requires_grad_()
    case = {"name": name, "optimizer": description, "inputs": flat(x), "targets": flat(y)}
    case["weights"] = [flat(kernel), flat(bias)]
    optimizer = make([kernel, bias])
    case["steps"] = []
    for step in range(1, 5):
        optimizer.zero_grad()
        loss = F.mse_loss(x @ kernel + bias, y)
        loss.backward()
        before_step(optimizer, step)
        optimizer.step()
        case["steps"].append({"loss": round(loss.item(), 6), "weights": [flat(kernel), flat(bias)]})
    return case


def keras_adam_epsilon(optimizer, step):
    """PyTorch adds eps to the bias-corrected sqrt(v); dividing it by the correction adds it to the uncorrected one."""
    optimizer.param_groups[0]["eps"] = 0.05 / (1 - 0.99**step) ** 0.5


save(
    "conv2d",
    [
        conv_case("one pixel", (1, 1, 1), (1, 1), 1),
        conv_case("plain", (6, 5, 2), (3, 3), 3),
        conv_case("without a bias", (4, 4, 3), (2, 2), 2, bias=False),
        conv_case("strides that do not divide", (8, 7, 2), (3, 2), 2, strides=(2, 3)),
        conv_case("dilation", (8, 9, 1), (3, 3), 2, dilation=(2, 3)),
        conv_case("asymmetric padding", (4, 5, 2), (3, 3), 2, padding=(2, 0, 1, 2)),
        conv_case("kernel as large as the image", (5, 4, 2), (5, 4), 9),
        conv_case("all together", (7, 6, 3), (3, 2), 5, (2, 1), (2, 2), (1, 2, 0, 3)),
        conv_case("17 filters", (5, 5, 3), (3, 3), 17, padding=(1, 1, 1, 1)),
    ],
)
save(
    "pool2d",
    [
        case
        for kind in ("max", "average", "sum")
        for case in (
            pool_case(f"{kind}, 2x2", kind, (4, 6, 2), (2, 2), (2, 2)),
            pool_case(f"{kind}, a rest left over", kind, (5, 7, 3), (2, 3), (2, 3)),
            pool_case(f"{kind}, overlapping", kind, (5, 6, 1), (3, 3), (1, 2)),
            pool_case(f"{kind}, padded", kind, (4, 5, 2), (3, 3), (2, 2), (1, 2, 2, 1)),
            pool_case(f"{kind}, the whole image", kind, (3, 4, 5), (3, 4), (1, 1)),
        )
    ],
)
save(
    "dense",
    [
        op_case("rows", "dense", {}, quarters(3, 4), [quarters(4, 5), quarters(5)], lambda x, k, b: x @ k + b),
        op_case("no bias", "dense", {}, quarters(2, 7), [quarters(7, 1)], lambda x, k: x @ k),
        op_case("leading axes", "dense", {}, quarters(2, 3, 2, 4), [quarters(4, 3), quarters(3)], lambda x, k, b: x @ k + b),
    ],
)
save(
    "activation",
    [
        activation_case("relu", torch.relu),
        activation_case("sigmoid", torch.sigmoid),
        activation_case("tanh", torch.tanh),
        activation_case("softmax", lambda x: torch.softmax(x, -1)),
    ],
)
save(
    "crossentropy",
    [
        crossentropy_case("classes", "sparseCategoricalCrossentropy", torch.tensor([0, 4, 2, 2])),
        crossentropy_case("classes of rows", "sparseCategoricalCrossentropy", torch.tensor([[0, 1], [4, 2], [2, 3], [1, 1]])),
        crossentropy_case("one-hot", "categoricalCrossentropy", F.one_hot(torch.tensor([3, 0, 4, 1]), 5).double()),
        crossentropy_case("distributions", "categoricalCrossentropy", torch.tensor(random.integers(0, 5, (4, 2, 5)) / 8)),
    ],
)
save(
    "optimizers",
    [
        optimizer_case(
            "sgd",
            {"kind": "sgd", "learningRate": 0.125, "momentum": 0, "nesterov": False},
            lambda p: torch.optim.SGD(p, lr=0.125),
        ),
        optimizer_case(
            "momentum",
            {"kind": "sgd", "learningRate": 0.125, "momentum": 0.75, "nesterov": False},
            lambda p: torch.optim.SGD(p, lr=0.125, momentum=0.75),
        ),
        optimizer_case(
            "nesterov",
            {"kind": "sgd", "learningRate": 0.125, "momentum": 0.75, "nesterov": True},
            lambda p: torch.optim.SGD(p, lr=0.125, momentum=0.75, nesterov=True),
        ),
        optimizer_case(
            "adam",
            {"kind": "adam", "learningRate": 0.125, "beta1": 0.9, "beta2": 0.99, "epsilon": 0.05},
            lambda p: torch.optim.Adam(p, lr=0.125, betas=(0.9, 0.99)),
            keras_adam_epsilon,
        ),
    ],
)
