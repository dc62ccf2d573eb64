"""Writes test/losses/fixtures/keras-losses.json: weighted losses of Keras 3, and their gradients, in float64.

Run with a Python that has keras 3.15 and jax:  KERAS_BACKEND=jax python3 scripts/golden/make-keras-losses.py
A case is a layer x -> x kernel over the last axis (then a softmax, where `softmax`), under a loss of batches of x.
"""

import json
import os
import pathlib

os.environ["KERAS_BACKEND"] = "jax"

import jax
import keras
import numpy as np

jax.config.update("jax_enable_x64", True)
keras.config.set_floatx("float64")

FIXTURE = pathlib.Path(__file__).parents[2] / "test" / "losses" / "fixtures" / "keras-losses.json"
random = np.random.default_rng(12)
N, INPUTS = 4, 3


def flat(values):
    """Rounded to 9 digits; whole numbers without a point."""
    return [int(v) if v == int(v) else round(float(v), 9) for v in np.asarray(values).reshape(-1)]


def quarters(*shape):
    """Multiples of 1/4 in [-2, 2]: exact in float32."""
    return random.integers(-8, 9, shape) / 4


def case(name, loss, rows, units, targets, weights=None, softmax=False):
    """`rows` are the axes between the batch and the last axis."""
    x, kernel = quarters(N, *rows, INPUTS), quarters(INPUTS, units)

    def run(k):
        p = x @ k
        return loss(targets, jax.nn.softmax(p) if softmax else p, sample_weight=weights)

    value, gradient = jax.value_and_grad(run)(kernel)
    config = loss.get_config()
    config.pop("name"), config.pop("reduction")
    CASES.append(
        {
            "name": name,
            "loss": {"className": type(loss).__name__, "config": config},
            "softmax": softmax,
            "rows": list(rows),
            "x": flat(x),
            "kernel": flat(kernel),
            "targets": flat(targets),
            "weights": None if weights is None else {"shape": list(weights.shape), "values": flat(weights)},
            "value": round(float(value), 9),
            "gradient": flat(gradient),
        }
    )


def labels(*shape, ignored=None):
    """Classes from 0 to 2. About a third is replaced by `ignored`."""
    classes = random.integers(0, 3, shape)
    return classes if ignored is None else np.where(random.random(shape) < 0.35, ignored, classes)


def weights_of(*shape):
    return random.integers(0, 9, shape) / 4


def one_hot(*shape):
    return np.eye(3)[labels(*shape)]


CASES = []
L = keras.losses
MAP = (N, 2, 3)
case("weights of pixels", L.SparseCategoricalCrossentropy(), MAP[1:], 3, labels(*MAP), weights_of(*MAP), True)
for ignored in (-1, 255, 1):
    void = labels(*MAP, ignored=ignored)
    sparse = L.SparseCategoricalCrossentropy(ignore_class=ignored)
    case(f"ignores {ignored}", sparse, MAP[1:], 3, void, softmax=True)
    case(f"ignores {ignored}, with weights of pixels", sparse, MAP[1:], 3, void, weights_of(*MAP), True)
logits = L.SparseCategoricalCrossentropy(from_logits=True, ignore_class=-1)
case("ignores -1 of logits", logits, MAP[1:], 3, labels(*MAP, ignored=-1))
case("ignores -1, with weights of samples", logits, (), 3, np.array([2, -1, 0, 1]), weights_of(N))
case("ignores all", logits, (), 3, np.full(N, -1))
binary = L.BinaryCrossentropy(from_logits=True)
case("binary, weights of pixels", binary, MAP[1:], 1, random.integers(0, 2, (*MAP, 1)) * 1.0, weights_of(*MAP))
case("binary, several outputs", binary, (2,), 2, random.integers(0, 2, (N, 2, 2)) * 1.0, weights_of(N, 2))
case("squares", L.MeanSquaredError(), (2,), 3, quarters(N, 2, 3), weights_of(N, 2))
case("squares, weights with an axis of 1", L.MeanSquaredError(), (2,), 3, quarters(N, 2, 3), weights_of(N, 2, 1))
case("Huber", L.Huber(), (2,), 3, quarters(N, 2, 3), weights_of(N, 2))
case("one-hot rows", L.CategoricalCrossentropy(), (2,), 3, one_hot(N, 2), weights_of(N, 2), True)
case("focal", L.CategoricalFocalCrossentropy(), (2,), 3, one_hot(N, 2), weights_of(N, 2), True)
case("hinge of classes", L.CategoricalHinge(), (2,), 3, one_hot(N, 2), weights_of(N, 2))
case("cosine", L.CosineSimilarity(), (2,), 3, quarters(N, 2, 3), weights_of(N, 2))
case("divergence", L.KLDivergence(), (2,), 3, one_hot(N, 2) * 0.7 + 0.1, weights_of(N, 2), True)
lines = ",\n".join(json.dumps(each) for each in CASES)
FIXTURE.write_text(f"[\n{lines}\n]\n")
