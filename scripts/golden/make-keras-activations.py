"""Writes test/io/fixtures/keras-activations.json: models of Keras 3 with layers as activations and infinite options.

Run with a Python that has keras 3.15 and jax:  KERAS_BACKEND=jax python3 scripts/golden/make-keras-activations.py, then npm run format
`topology` is text, since Python's JSON has literals that others can't read.
"""

import json
import os
import pathlib

os.environ["KERAS_BACKEND"] = "jax"

import keras
import numpy as np

FIXTURE = pathlib.Path(__file__).parents[2] / "test" / "io" / "fixtures" / "keras-activations.json"
INFINITY = float("inf")
random = np.random.default_rng(6)
L = keras.layers


def draw(*shape):
    """Sums of products of these are never 0, where backends disagree about gradients."""
    return random.uniform(-2, 2, shape).round(3).astype("float32")


def flat(values):
    return [round(float(v), 7) for v in np.asarray(values).reshape(-1)]


def values(array):
    return {"shape": list(array.shape), "values": flat(array)}


def case(name, *layers, shape=(3,), trains=False):
    model = keras.Sequential([keras.Input(shape), *layers])
    model.set_weights([draw(*w.shape) for w in model.weights])
    x = draw(4, *shape)
    each = {
        "name": name,
        "topology": json.dumps(json.loads(model.to_json())),
        "weights": [values(w) for w in model.get_weights()],
        "x": values(x),
        "y": values(np.asarray(model.predict(x, verbose=0))),
    }
    if trains:
        targets = draw(*each["y"]["shape"])
        model.compile(keras.optimizers.SGD(0.5), "mean_squared_error")
        model.train_on_batch(x, targets)
        each |= {"targets": values(targets), "trained": [values(w) for w in model.get_weights()]}
    return each


maximum, both = keras.constraints.MaxNorm(INFINITY), keras.constraints.MinMaxNorm(3, INFINITY)
CASES = [
    case("Dense, LeakyReLU", L.Dense(4, activation=L.LeakyReLU(0.1)), trains=True),
    case("Dense, ReLU of all options", L.Dense(4, activation=L.ReLU(1.5, 0.25, 0.5)), trains=True),
    case("Dense, ReLU without limit", L.Dense(4, activation=L.ReLU(INFINITY, 0.25, 0.5)), trains=True),
    case("Dense, ELU", L.Dense(4, activation=L.ELU(0.5)), trains=True),
    case("Dense, Activation", L.Dense(4, activation=L.Activation("hard_sigmoid"))),
    case("Dense, Activation of a layer", L.Dense(4, activation=L.Activation(L.LeakyReLU(0.4)))),
    case("Dense, Softmax of another axis", L.Dense(4, activation=L.Softmax(axis=1)), shape=(2, 3), trains=True),
    case("Conv2D, LeakyReLU", L.Conv2D(2, 2, activation=L.LeakyReLU(0.1)), shape=(3, 3, 2), trains=True),
    case("DepthwiseConv2D, ELU", L.DepthwiseConv2D(2, activation=L.ELU(2.0)), shape=(3, 3, 2)),
    case("SeparableConv2D, ReLU", L.SeparableConv2D(2, 2, activation=L.ReLU(0.5)), shape=(3, 3, 2)),
    case("Conv1D, LeakyReLU", L.Conv1D(2, 2, activation=L.LeakyReLU(0.1)), shape=(4, 2)),
    case("Conv1D, Softmax of steps", L.Conv1D(2, 2, activation=L.Softmax(axis=1)), shape=(4, 2)),
    case("Conv1D, Softmax of filters", L.Conv1D(2, 2, activation=L.Softmax(axis=2)), shape=(4, 2)),
    case("Conv2DTranspose, ReLU", L.Conv2DTranspose(2, 2, activation=L.ReLU(0.5)), shape=(3, 3, 2)),
    case("Activation, LeakyReLU", L.Activation(L.LeakyReLU(0.2)), shape=(3,)),
    case("TimeDistributed, Dense, ELU", L.TimeDistributed(L.Dense(2, activation=L.ELU(0.5))), shape=(2, 3)),
    case("ReLU without limit", L.Dense(4), L.ReLU(max_value=INFINITY)),
    case("MaxNorm without limit", L.Dense(4, kernel_constraint=maximum), trains=True),
    case("MinMaxNorm without limit", L.Dense(4, kernel_constraint=both), trains=True),
]
lines = ",\n".join(json.dumps(each) for each in CASES)
FIXTURE.write_text(f"[\n{lines}\n]\n")
