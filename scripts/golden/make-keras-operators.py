"""Models with operators of keras.ops, and Keras's answers to given inputs, for test/io/keras/operators.

    pip install keras==3.15.1 tensorflow-cpu h5py
    KERAS_BACKEND=tensorflow python scripts/golden/make-keras-operators.py test/io/keras/operators
"""

import json
import pathlib
import sys

import keras
import numpy as np
from keras import ops

SHAPE = (2, 4, 3)


def unary(x):
    positive = ops.add(ops.square(x), 0.5)
    signed = [
        ops.abs(x), ops.negative(x), ops.sign(x), ops.floor(x), ops.ceil(x), ops.round(x), ops.exp(x), ops.expm1(x),
        ops.erf(x), ops.sin(x), ops.cos(x), ops.tanh(x), ops.logical_not(ops.floor(x)), ops.isnan(x), ops.copy(x),
    ]
    return signed + [f(positive) for f in (ops.log, ops.log1p, ops.sqrt, ops.rsqrt, ops.reciprocal)]


def activations(x):
    return [
        ops.relu(x), ops.relu6(3 * x), ops.sigmoid(x), ops.log_sigmoid(x), ops.selu(x), ops.silu(x), ops.softplus(x),
        ops.softsign(x), ops.hard_sigmoid(x), ops.hard_silu(x), ops.elu(x, 0.7), ops.celu(x, 0.6), ops.gelu(x),
        ops.gelu(x, approximate=False), ops.leaky_relu(x, 0.1), ops.softmax(x), ops.log_softmax(x, axis=2),
    ]


def binary(x):
    y = ops.add(ops.square(x), 0.5)
    table = np.linspace(-1, 1, 12, dtype="float32").reshape(4, 3)
    return [
        x + y, x - y, x * y, x / y, ops.maximum(x, y), ops.minimum(x, y), ops.power(y, x), ops.mod(x, y), x // y,
        x * 2.0 + 1, 1 - x, 3 / y, y**2, 2 ** x, ops.maximum(x, 0), x + ops.array([1.0, 2.0, 3.0]), ops.subtract(table, x),
        x * ops.mean(x, axis=[1, 2], keepdims=True), x > y, x >= 0, x < 0.2, x <= y, ops.equal(x, x),
        ops.not_equal(x, y), ops.logical_and(x > 0, y > 1), ops.logical_or(x > 0, y > 1),
        ops.logical_xor(x > 0, y > 1), ops.where(x > 0, x, 0.1 * x), ops.where(x > y, 1.0, 0.0), x * ops.sigmoid(x),
        ops.maximum(x, float("-inf")),
    ]


def reductions(x):
    return [
        ops.mean(x, axis=[1, 2]), ops.mean(x, axis=-1, keepdims=True), ops.sum(x, axis=1), ops.max(x, axis=[1, 2]),
        ops.min(x, axis=[2], keepdims=True), ops.prod(x, axis=-1), ops.amax(x, axis=2), ops.amin(x, axis=2),
        ops.logsumexp(x, axis=-1), ops.var(x, axis=[1, 2]), ops.std(x, axis=-1, keepdims=True),
        ops.any(x > 1, axis=1), ops.all(x > -1, axis=1, keepdims=True), ops.cumsum(x, axis=2),
    ]


def shapes(x):
    first, second = ops.split(x, [2], axis=2)
    a, b, c = ops.split(x, 3, axis=-1)
    parts = ops.unstack(x, axis=1)
    return [
        ops.reshape(x, (-1, 8, 3)), ops.transpose(x, (0, 3, 1, 2)), ops.swapaxes(x, 1, -1), ops.moveaxis(x, -1, 1),
        ops.expand_dims(x, 1), ops.squeeze(ops.expand_dims(x, -1), -1), ops.concatenate([x, 2 * x], axis=-1),
        ops.concatenate([second, first, second], axis=2), a * c, b, parts[1], ops.stack([x, -x], axis=1),
        ops.tile(b, (1, 1, 1, 2)), ops.flip(x, axis=[1, 3]),
        ops.matmul(x, ops.swapaxes(x, 2, 3)), ops.matmul(x, np.eye(3, 2, dtype="float32")), ops.cast(x > 0, "float32"),
        ops.cast(x, "bool"), ops.clip(x, -0.5, 0.5),
    ]


def cutting(x):
    return [
        x[:, 1:3, ::2, -1], x[..., 0], x[..., None, 1:], x[:, None, 0, :, ::2], x[:, -1:, 1:-1], x[:, -1],
        ops.take(x, np.array([2, -3, 2]), axis=-1), ops.take(x, 1, axis=2), ops.take(x, np.array([[0, 3], [1, 2]]), axis=2),
        ops.pad(x, [[0, 0], [1, 1], [0, 3], [0, 0]]), ops.pad(x, [[0, 0], [1, 1], [0, 1], [0, 0]], constant_values=-2.0),
        ops.pad(x, [[0, 0], [1, 1], [0, 3], [0, 0]], mode="reflect"),
        ops.pad(x, [[0, 0], [1, 1], [0, 3], [0, 0]], mode="symmetric"),
    ]


def images(x):
    wide = ops.concatenate([x, -x, x + 1, x * 2], axis=-1)
    return [
        ops.image.resize(x, (4, 6)), ops.image.resize(x, (2, 8), interpolation="nearest"), ops.max_pool(x, 2),
        ops.average_pool(x, (2, 3), strides=(1, 2), padding="same"), ops.normalize(x),
        ops.depth_to_space(wide, 2, data_format="channels_last"), ops.space_to_depth(x, 2, data_format="channels_last"),
    ]


def layers(x):
    """A network of layers and operators, with a nested model of both, which share names."""
    inner = keras.Input((2, 4, 8))
    gate = ops.sigmoid(keras.layers.Dense(8)(ops.mean(inner, axis=(1, 2), keepdims=True)))
    gated = keras.Model(inner, inner * gate, name="gated")
    y = keras.layers.Conv2D(8, 3, padding="same")(2.0 * x - 1.0)
    y = gated(y * ops.sigmoid(y))
    y = keras.layers.Add()([y, keras.layers.Conv2D(8, 1)(x)])
    return keras.layers.Dense(2)(ops.mean(y + np.arange(8, dtype="float32"), axis=[1, 2]))


def main(folder):
    keras.utils.set_random_seed(7)
    folder.mkdir(parents=True, exist_ok=True)
    inputs = np.random.default_rng(3).normal(size=(2, *SHAPE)).astype("float32")
    cases = {}
    for make in (unary, activations, binary, reductions, shapes, cutting, images, layers):
        x = keras.Input(SHAPE, name="x")
        model = keras.Model(x, make(x), name=make.__name__)
        model.save(folder / f"{make.__name__}.keras")
        if make is layers:
            model.save(folder / f"{make.__name__}.h5")
        outputs = model(inputs)
        outputs = outputs if isinstance(outputs, (list, tuple)) else [outputs]
        arrays = [np.asarray(keras.ops.convert_to_numpy(each), "float32") for each in outputs]
        cases[make.__name__] = [values(each) for each in arrays]
    answers = {"inputs": values(inputs), "outputs": cases}
    (folder / "answers.json").write_text(json.dumps(answers, separators=(",", ":")) + "\n")


def values(array):
    return {"shape": list(array.shape), "values": [float(f"{value:.6g}") for value in array.ravel()]}


main(pathlib.Path(sys.argv[1]))
