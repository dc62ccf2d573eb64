"""Training of the LeNet in Keras: keras_lenet.py jax|tensorflow FOLDER THREADS."""

import json
import os
import sys

backend, folder, threads = sys.argv[1:]
os.environ["KERAS_BACKEND"] = backend
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
if threads == "1":
    # Both make as many threads as the process has processors.
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})

import keras  # noqa: E402
import numpy  # noqa: E402
from serve import Printer, Samples, peak_growth, serve  # noqa: E402

if backend == "tensorflow":
    import tensorflow

    tensorflow.config.threading.set_intra_op_parallelism_threads(int(threads))
    tensorflow.config.threading.set_inter_op_parallelism_threads(1)


def build():
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(32, 5, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Conv2D(64, 5, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Flatten(),
            layers.Dense(1000, activation="relu"),
            layers.Dense(10, activation="softmax"),
        ]
    )
    with open(f"{folder}/network.json") as file:
        shapes = json.load(file)["weights"]
    values = numpy.fromfile(f"{folder}/weights.bin", numpy.float32)
    ends = numpy.cumsum([numpy.prod(shape) for shape in shapes])
    model.set_weights([part.reshape(shape) for part, shape in zip(numpy.split(values, ends[:-1]), shapes, strict=True)])
    model.compile(keras.optimizers.Adam(1e-3), "sparse_categorical_crossentropy")
    return model


class KerasPeer:
    def __init__(self):
        self.samples = samples = Samples(folder)
        self.out = Printer(samples, f"{keras.__version__} on {backend}")

    def fit(self, images, labels):
        settings = {"batch_size": self.samples.batch, "epochs": 1, "shuffle": False, "verbose": 0}
        return self.model.fit(images, labels, **settings).history["loss"][0]

    def prepare(self):
        def train():
            self.model = build()
            return self.fit(self.samples.first_batches(self.samples.images), self.samples.first_batches(self.samples.labels))

        peak, loss = peak_growth(train)
        self.samples.check_loss(loss)
        count = len(self.samples.outputs)
        self.samples.check_part(build().predict(self.samples.images[:count], verbose=0), slice(0, count))
        self.out.print("training memory", "MB", "model.fit", peak)

    def training(self):
        self.out.rate("training", "model.fit", lambda: self.fit(self.samples.images, self.samples.labels))


serve(KerasPeer())
