"""Writes test/io/keras/cases/keras2_formulas.h5: a model of Keras 2 with layers whose formulas TF.js or Keras 3 doesn't share, and answers.

Run with a Python that has tf-keras 2.21 and tensorflow-cpu:  python3 scripts/golden/make-keras-2-formulas.py, then npm run format
"""

import json
import pathlib

import numpy as np
import tf_keras as K

CASES = pathlib.Path(__file__).parents[2] / "test" / "io" / "keras" / "cases"
L = K.layers
random = np.random.default_rng(8)


def values(array):
    return {"shape": list(array.shape), "values": [round(float(v), 7) for v in np.asarray(array).reshape(-1)]}


x = L.Input((5, 6, 2), name="x")
flat = L.Flatten(name="flat")(x)
short = L.Rescaling(1e-4, name="short")(flat)
outputs = [
    L.UpSampling2D((2, 3), interpolation="bilinear", name="larger")(x),
    L.Resizing(3, 4, name="sized")(x),
    L.Resizing(4, 9, crop_to_aspect_ratio=True, name="cut")(x),
    L.Resizing(7, 4, interpolation="nearest", name="nearest")(x),
    L.CenterCrop(2, 5, name="center")(x),
    L.Activation("hard_sigmoid", name="hard")(x),
    L.Conv2D(2, 2, activation="hard_sigmoid", bias_initializer="ones", name="conv")(x),
    L.RandomFlip(name="flip")(x),
    L.Dot(1, normalize=True, name="dot")([short, flat]),
]
model = K.Model(x, outputs, name="formulas")
model.save(CASES / "keras2_formulas.h5", include_optimizer=False)
given = random.uniform(-4, 4, (2, 5, 6, 2)).round(3).astype("float32")
case = {
    "files": [{"path": "keras2_formulas.h5"}],
    "inputs": [values(given)],
    "outputs": [values(y) for y in model.predict(given, verbose=0)],
    "layers": [layer.name for layer in model.layers],
    "params": {"total": model.count_params(), "trainable": model.count_params()},
    "tolerance": 1e-5,
}
(CASES / "keras2_formulas.json").write_text(json.dumps(case))
