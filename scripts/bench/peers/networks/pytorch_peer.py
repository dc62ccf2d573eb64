"""PyTorch's networks: pytorch_peer.py nchw|nhwc|compiled FOLDER. OMP_NUM_THREADS sets the threads."""

import os
import sys
import warnings

import torch
from networks import make_network
from serve import Printer, Samples, peak_growth, serve
from torch import nn
from torch.nn import functional

warnings.filterwarnings("ignore")
torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
torch.set_flush_denormal(True)


class Trainer:
    def __init__(self, mode, folder):
        self.model = place(mode, make_network(folder)).train()
        self.optimizer = torch.optim.Adam(self.model.parameters(), lr=1e-3, eps=1e-7, fused=True)
        self.run = torch.compile(self.model, dynamic=False) if mode == "compiled" else self.model

    def train(self, batches):
        """The mean loss of the batches."""
        total = torch.zeros(())
        for x, y in batches:
            self.optimizer.zero_grad(set_to_none=True)
            loss = functional.cross_entropy(self.run(x), y)
            loss.backward()
            self.optimizer.step()
            total += loss.detach()
        return total.item() / len(batches)


def place(mode, tensor_or_model):
    layout = torch.contiguous_format if mode == "nchw" else torch.channels_last
    if isinstance(tensor_or_model, nn.Module):
        return tensor_or_model.to(memory_format=layout)
    return tensor_or_model.contiguous(memory_format=layout)


class Pytorch:
    def __init__(self, mode, folder):
        self.mode = mode
        self.folder = folder
        self.samples = samples = Samples(folder)
        self.out = Printer(samples, torch.__version__)
        images = place(mode, torch.from_numpy(samples.images).permute(0, 3, 1, 2))
        labels = torch.from_numpy(samples.labels).long()
        self.batches = list(zip(images.split(samples.batch), labels.split(samples.batch), strict=True))
        self.ones = [place(mode, image) for image in images[:64].clone().split(1)]

    def prepare(self):
        def train():
            self.trainer = Trainer(self.mode, self.folder)
            return self.trainer.train(self.batches[:2])

        peak, loss = peak_growth(train)
        self.samples.check_loss(loss)
        self.out.print("training memory", "MB", self.mode, peak)
        self.model = nn.Sequential(place(self.mode, make_network(self.folder)), nn.Softmax(dim=1)).eval()
        # Each shape has a function of its own.
        shapes = (self.batches[0][0], self.ones[0])
        self.functions = {
            config: [compile_for(x) for x in shapes] for config, compile_for in self.configurations().items()
        }
        count = len(self.samples.outputs)
        with torch.inference_mode():
            for of_batch, of_one in self.functions.values():
                outputs = of_batch(self.batches[0][0])[:count]
                one = of_one(self.ones[0])
                for each, part in ((outputs, slice(0, count)), (one, slice(0, 1))):
                    self.samples.check_part(each.movedim(1, -1).numpy(), part)

    def configurations(self):
        """How a function for inputs like x is made, by the name of the way."""
        if self.mode == "compiled":
            return {"compiled with freezing": self.compile}
        return {"eager": lambda x: self.model, "jit, frozen and optimized": self.script}

    def compile(self, x):
        import torch._inductor.config

        torch._inductor.config.freezing = True
        with torch.no_grad():
            function = torch.compile(self.model, dynamic=False)
            for _ in range(3):
                function(x)
        torch._inductor.config.freezing = False
        return function

    def script(self, x):
        with torch.no_grad():
            frozen = torch.jit.optimize_for_inference(torch.jit.freeze(torch.jit.trace(self.model, x)))
            for _ in range(3):
                frozen(x)
        return frozen

    def training(self):
        self.out.rate("training", f"{self.mode}, fused Adam", lambda: self.trainer.train(self.batches))

    def inference(self):
        for config, (of_batch, _) in self.functions.items():

            def everything(function=of_batch):
                with torch.inference_mode():
                    for x, _ in self.batches:
                        function(x)

            self.out.rate("inference", f"{self.mode}, {config}", everything)

    def latency(self):
        for config, (_, of_one) in self.functions.items():
            with torch.inference_mode():
                self.out.latency(f"{self.mode}, {config}", lambda i: of_one(self.ones[i % len(self.ones)]))


if __name__ == "__main__":
    serve(Pytorch(*sys.argv[1:]))
