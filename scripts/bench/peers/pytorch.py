"""PyTorch's part of bench:peers: pytorch.py FOLDER; threads by OMP_NUM_THREADS. Prints every configuration; main.ts keeps the fastest."""

import json
import os
import statistics
import sys
import time

import torch
from torch import nn
from torch.nn import functional

BATCH = 128
EPOCHS = 2
THREADS = int(os.environ["OMP_NUM_THREADS"])
torch.set_num_threads(THREADS)


class Lenet(nn.Module):
    """`trunk`: 'nchw', 'channels last', or 'oneDNN tensors' in the convolutions and pooling, or in all layers."""

    def __init__(self, trunk):
        super().__init__()
        self.trunk = trunk
        self.conv1 = nn.Conv2d(1, 32, 5)
        self.conv2 = nn.Conv2d(32, 64, 5)
        self.dense1 = nn.Linear(1024, 1000)
        self.dense2 = nn.Linear(1000, 10)
        if trunk == "channels last":
            self.to(memory_format=torch.channels_last)

    def forward(self, x):
        if self.trunk.startswith("oneDNN"):
            x = x.to_mkldnn()
        x = functional.max_pool2d(functional.relu(self.conv1(x)), 2, 2)
        x = functional.max_pool2d(functional.relu(self.conv2(x)), 2, 2)
        if self.trunk == "oneDNN tensors in the trunk":
            x = x.to_dense()
        x = x.reshape(x.shape[0], 1024)
        x = self.dense2(functional.relu(self.dense1(x)))
        return x.to_dense() if x.is_mkldnn else x


def prepare(trunk, x):
    return x.to(memory_format=torch.channels_last) if trunk == "channels last" else x


def report(task, unit, config, values, loss=None):
    blas = os.environ.get("BENCH_BLAS", "OpenBLAS with its own threads")
    line = {
        "task": task,
        "unit": unit,
        "config": f"{config}; {blas}",
        "version": torch.__version__,
        "values": values,
    }
    if loss is not None:
        line["loss"] = loss
    print(json.dumps(line), flush=True)


def seconds(run, count):
    run()
    times = []
    for _ in range(count):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return times


def train(trunk, x, y):
    torch.manual_seed(1)
    model = Lenet(trunk)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, eps=1e-7, foreach=True)
    losses = []

    def epoch():
        losses.clear()
        for i in range(0, len(x), BATCH):
            optimizer.zero_grad(set_to_none=True)
            loss = functional.cross_entropy(model(x[i : i + BATCH]), y[i : i + BATCH])
            loss.backward()
            optimizer.step()
            losses.append(loss.item())

    rates = [len(x) / time for time in seconds(epoch, EPOCHS)]
    report("LeNet training, batch 128", "images/s", f"{trunk}, Adam foreach", rates, statistics.fmean(losses))


def infer(run, config, x):
    def everything():
        for i in range(0, len(x), BATCH):
            run(x[i : i + BATCH])

    report("LeNet inference, batch 128", "images/s", config, [len(x) / time for time in seconds(everything, 3)])
    medians = []
    for _ in range(3):
        times = []
        for i in range(200):
            one = x[i : i + 1]
            start = time.perf_counter()
            run(one)
            times.append(time.perf_counter() - start)
        medians.append(1e6 * statistics.median(times))
    report("LeNet inference, batch 1, p50", "us", config, medians)


def main(folder):
    with open(f"{folder}/images.bin", "rb") as file:
        pixels = torch.frombuffer(bytearray(file.read()), dtype=torch.uint8)
    with open(f"{folder}/labels.bin", "rb") as file:
        y = torch.frombuffer(bytearray(file.read()), dtype=torch.uint8).long()
    images = pixels.reshape(-1, 1, 28, 28).float() / 255
    for trunk in ("channels last", "oneDNN tensors in the trunk", "oneDNN tensors throughout"):
        train(trunk, prepare(trunk, images), y)
    with torch.no_grad():
        for trunk in ("nchw", "channels last"):
            model = nn.Sequential(Lenet(trunk), nn.Softmax(dim=1)).eval()
            x = prepare(trunk, images)
            traced = torch.jit.trace(model, x[:BATCH])
            infer(torch.jit.optimize_for_inference(torch.jit.freeze(traced)), f"{trunk}, jit", x)


if __name__ == "__main__":
    main(sys.argv[1])
