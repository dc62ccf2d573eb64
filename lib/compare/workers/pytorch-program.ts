/** PyTorch's worker, for `python3 -c PROGRAM THREADS`. It speaks the protocol of protocol.ts. */
export const PYTORCH_PROGRAM = `
import json, sys, time
import numpy
import torch
from torch import nn
from torch.nn import functional

threads = int(sys.argv[1])
torch.set_num_threads(threads)


def build(network, weights):
    layers, shape, at = [], network["input"], 0
    for layer in network["layers"]:
        kind, activation = layer["kind"], layer.get("activation")
        made = None
        if kind == "conv":
            size = layer["size"]
            made = nn.Conv2d(shape[2], layer["filters"], size)
            shape = [shape[0] - size + 1, shape[1] - size + 1, layer["filters"]]
        elif kind == "maxPool":
            layers.append(nn.MaxPool2d(layer["size"]))
            shape = [shape[0] // layer["size"], shape[1] // layer["size"], shape[2]]
        elif kind == "flatten":
            layers.append(nn.Flatten())
            shape = [int(numpy.prod(shape))]
        else:
            made = nn.Linear(shape[0], layer["units"])
            shape = [layer["units"]]
        if made is not None:
            with torch.no_grad():
                for parameter in (made.weight, made.bias):
                    count = parameter.numel()
                    values = torch.from_numpy(weights[at : at + count].copy())
                    parameter.copy_(values.reshape(parameter.shape))
                    at += count
            layers.append(made)
        # Training takes logits.
        if activation == "relu":
            layers.append(nn.ReLU())
    return nn.Sequential(*layers).to(memory_format=torch.channels_last)


class Session:
    def load(self, folder):
        with open(folder + "/network.json") as file:
            self.network = json.load(file)
        self.weights = numpy.fromfile(folder + "/weights-channels-first.bin", dtype=numpy.float32)
        samples = numpy.fromfile(folder + "/samples.bin", dtype=numpy.float32)
        x = torch.from_numpy(samples).reshape([-1] + self.network["input"])
        if len(self.network["input"]) == 3:
            x = x.permute(0, 3, 1, 2).contiguous(memory_format=torch.channels_last)
        self.x = x
        self.y = torch.from_numpy(numpy.fromfile(folder + "/labels.bin", dtype=numpy.uint8)).long()
        self.key = None
        self.model = build(self.network, self.weights)
        has_softmax = self.network["layers"][-1].get("activation") == "softmax"
        parts = [self.model] + ([nn.Softmax(dim=1)] if has_softmax else [])
        self.inference = nn.Sequential(*parts).eval()
        return {"version": torch.__version__, "config": "channels last, eager training, frozen script for inference"}

    def outputs(self, count):
        with torch.no_grad():
            return self.inference(self.x[:count]).flatten().tolist()

    def trainer(self, optimizer):
        model = build(self.network, self.weights)
        if optimizer == "adam":
            rule = torch.optim.Adam(model.parameters(), lr=1e-3, eps=1e-7, foreach=True)
        else:
            rule = torch.optim.SGD(model.parameters(), lr=1e-2)

        def step(x, y):
            rule.zero_grad(set_to_none=True)
            loss = functional.cross_entropy(model(x), y)
            loss.backward()
            rule.step()
            return loss.item()

        return step

    def losses(self, steps, batch, optimizer):
        step = self.trainer(optimizer)
        parts = [slice(i * batch, (i + 1) * batch) for i in range(steps)]
        return [step(self.x[part], self.y[part]) for part in parts]

    def prepare(self, task, count, batch):
        parts = [slice(i, min(i + batch, count)) for i in range(0, count, batch)]
        if task == "training":
            step = self.trainer("adam")
            return lambda: [step(self.x[part], self.y[part]) for part in parts]
        traced = torch.jit.trace(self.inference, self.x[:batch])
        fast = torch.jit.optimize_for_inference(torch.jit.freeze(traced))

        def infer():
            with torch.no_grad():
                for part in parts:
                    fast(self.x[part])

        return infer

    def time(self, task, count, batch):
        key = (task, count, batch)
        if self.key != key:
            self.run, self.key = self.prepare(*key), key
        started = time.perf_counter()
        self.run()
        return 1000 * (time.perf_counter() - started)


session = Session()
for line in sys.stdin:
    options = json.loads(line)
    name = options.pop("do")
    try:
        print(json.dumps({"answer": getattr(session, name)(**options)}, separators=(",", ":")))
        print("end", flush=True)
    except Exception as error:
        print("end: " + (str(error).splitlines() or [repr(error)])[0], flush=True)
`;
