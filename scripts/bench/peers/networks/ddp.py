"""Trains a network with PyTorch's DistributedDataParallel: ddp.py KEY SECONDS BATCH, with RANK, WORLD_SIZE, MASTER_ADDR,
MASTER_PORT and OMP_NUM_THREADS in the environment. A batch is divided among the ranks. Rank 0 prints images a second."""

import json
import os
import statistics
import sys
import time
import warnings

import torch
from networks import MAKERS
from torch import distributed
from torch.nn import functional
from torch.nn.parallel import DistributedDataParallel

warnings.filterwarnings("ignore")
torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
torch.set_flush_denormal(True)
STEPS = 6


def main(key, seconds, batch):
    torch.manual_seed(1)
    distributed.init_process_group("gloo")
    ranks = distributed.get_world_size()
    model = MAKERS[key]().to(memory_format=torch.channels_last).train()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, eps=1e-7, fused=True)
    # DDP without another rank only copies gradients, so that one process trains as it would without DDP.
    run = DistributedDataParallel(model, gradient_as_bucket_view=True) if ranks > 1 else model
    size = (28, 28) if key == "lenet" else (32, 32)
    shape = (batch // ranks, 1 if key == "lenet" else 3, *size)
    x = torch.rand(shape).contiguous(memory_format=torch.channels_last)
    y = torch.randint(10, (batch // ranks,))

    def steps():
        start = time.perf_counter()
        for _ in range(STEPS):
            optimizer.zero_grad(set_to_none=True)
            functional.cross_entropy(run(x), y).backward()
            optimizer.step()
        return time.perf_counter() - start

    steps()
    # All ranks must take the same number of steps.
    rounds = torch.tensor([1 + seconds / steps()])
    distributed.broadcast(rounds, 0)
    times = [steps() for _ in range(int(rounds.item()))]
    if distributed.get_rank() == 0:
        print(json.dumps({"rate": STEPS * batch / statistics.median(times)}), flush=True)
    distributed.destroy_process_group()


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]), int(sys.argv[3]))
