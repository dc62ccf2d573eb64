"""What all peers in Python share: the network's files, the clock, and the turns."""

import json
import sys
import time

import numpy

SECONDS = 0.7
CALLS = 300
LEAST_CALLS = 10


class Samples:
    """float32 images [count, height, width, channels], labels, and what convforge computes from them."""

    def __init__(self, folder):
        with open(f"{folder}/network.json") as file:
            facts = json.load(file)
        self.key = facts["key"]
        self.name = facts["name"]
        self.batch = facts["batch"]
        self.loss = facts["loss"]
        self.images = numpy.fromfile(f"{folder}/images.bin", numpy.float32).reshape(-1, *facts["input"])
        labels = numpy.fromfile(f"{folder}/labels.bin", numpy.int32)
        self.labels = labels.reshape(-1, *facts["input"][:2]) if facts["perPixel"] else labels
        self.outputs = numpy.fromfile(f"{folder}/outputs.bin", numpy.float32).reshape(facts["outputs"])

    def __len__(self):
        return len(self.images)

    def first_batches(self, array):
        """The two batches on which the loss is compared."""
        return array[: 2 * self.batch]

    def check_part(self, outputs, part):
        """Probabilities must be convforge's of this part of its outputs. Classes are on the last axis."""
        difference = numpy.abs(numpy.log(outputs) - numpy.log(self.outputs[part])).max()
        if not difference < 2e-3:
            raise ValueError(f"outputs are not convforge's: logarithms differ by {difference}")

    def check_loss(self, loss):
        if not abs(loss - self.loss) < 0.02 * self.loss:
            raise ValueError(f"the loss of two steps is {loss}; convforge's is {self.loss}")


def status(field):
    """A field of /proc/self/status in MB."""
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) for line in file if line.startswith(field)) * 1024e-6


def peak_growth(run):
    """The growth of the resident size at its peak, in MB, while `run` runs."""
    with open("/proc/self/clear_refs", "w") as file:
        file.write("5")
    before = status("VmRSS")
    result = run()
    return status("VmHWM") - before, result


class Printer:
    def __init__(self, samples, version):
        self.samples = samples
        self.version = version

    def print(self, kind, unit, config, value):
        line = {"task": f"{self.samples.name}: {kind}", "unit": unit, "config": config}
        print(json.dumps({**line, "version": self.version, "values": [value]}), flush=True)

    def rate(self, kind, config, run):
        """`run` goes through all images."""
        start = time.perf_counter()
        count = 0
        while count == 0 or time.perf_counter() - start < SECONDS:
            run()
            count += len(self.samples)
        self.print(kind, "images/s", config, count / (time.perf_counter() - start))

    def latency(self, config, run):
        """`run` takes the index of an image."""
        times = []
        end = time.perf_counter() + SECONDS
        while len(times) < CALLS and (len(times) < LEAST_CALLS or time.perf_counter() < end):
            start = time.perf_counter()
            run(len(times) % len(self.samples))
            times.append(1000 * (time.perf_counter() - start))
        self.print("one image, median", "ms", config, float(numpy.quantile(times, 0.5)))
        self.print("one image, p90", "ms", config, float(numpy.quantile(times, 0.9)))


def serve(peer):
    """
    Answers each line of standard input, which ends with a bar and what is to be done. `peer` has a method for each
    work that it can do: prepare, training, inference, latency.
    """
    for line in sys.stdin:
        work = getattr(peer, line.rstrip().split("|")[1], None)
        if work:
            work()
        print("end", flush=True)
