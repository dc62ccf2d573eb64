"""The networks of scripts/bench/networks in PyTorch, and the weights that convforge gives them."""

import json
from dataclasses import dataclass

import numpy
import torch
from torch import nn
from torch.nn import functional


class Residual(nn.Module):
    """relu(x + F(x)); a 1x1 convolution projects x if its shape changes."""

    def __init__(self, channels, filters, stride):
        super().__init__()
        self.body = nn.Sequential(
            *convolve(channels, filters, 3, stride), nn.ReLU(inplace=True), *convolve(filters, filters, 3)
        )
        self.shortcut = nn.Sequential(*convolve(channels, filters, 1, stride)) if stride > 1 else nn.Identity()

    def forward(self, x):
        return functional.relu(self.body(x) + self.shortcut(x), inplace=True)


class UNet(nn.Module):
    def __init__(self, classes):
        super().__init__()
        self.high = nn.Sequential(*convolve_twice(3, 16))
        self.middle = nn.Sequential(nn.MaxPool2d(2), *convolve_twice(16, 32))
        self.low = nn.Sequential(nn.MaxPool2d(2), *convolve_twice(32, 64))
        self.up1 = nn.ConvTranspose2d(64, 32, 2, 2)
        self.decode1 = nn.Sequential(*convolve_twice(64, 32))
        self.up2 = nn.ConvTranspose2d(32, 16, 2, 2)
        self.decode2 = nn.Sequential(*convolve_twice(32, 16))
        self.scores = nn.Conv2d(16, classes, 1)

    def forward(self, x):
        high = self.high(x)
        middle = self.middle(high)
        x = self.decode1(torch.cat([middle, self.up1(self.low(middle))], 1))
        return self.scores(self.decode2(torch.cat([high, self.up2(x)], 1)))


def convolve(channels, filters, size, stride=1):
    return nn.Conv2d(channels, filters, size, stride, size // 2, bias=False), nn.BatchNorm2d(filters)


def convolve_twice(channels, filters):
    relu = nn.ReLU(inplace=True)
    return *convolve(channels, filters, 3), relu, *convolve(filters, filters, 3), relu


def dense_after_flatten(shape, units):
    """A dense layer whose weights convforge has for values in the order height, width, channels."""
    height, width, channels = shape
    layer = nn.Linear(height * width * channels, units)
    layer.flattened = shape
    return layer


def lenet():
    def stage(channels, filters):
        return nn.Conv2d(channels, filters, 5), nn.ReLU(inplace=True), nn.MaxPool2d(2)

    hidden = dense_after_flatten((4, 4, 64), 1000)
    return nn.Sequential(*stage(1, 32), *stage(32, 64), nn.Flatten(), hidden, nn.ReLU(inplace=True), nn.Linear(1000, 10))


def pool_and_classify(channels, classes):
    return nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, classes)


def resnet_20():
    blocks = []
    channels = 32
    for filters in (32, 64, 128):
        for block in range(3):
            blocks.append(Residual(channels, filters, 2 if block == 0 and filters > 32 else 1))
            channels = filters
    return nn.Sequential(*convolve(3, 32, 3), nn.ReLU(inplace=True), *blocks, *pool_and_classify(128, 10))


def vgg():
    layers = []
    channels = 3
    for filters in (64, 128, 256):
        layers += [*convolve_twice(channels, filters), nn.MaxPool2d(2)]
        channels = filters
    hidden = dense_after_flatten((4, 4, 256), 512)
    return nn.Sequential(*layers, nn.Flatten(), hidden, nn.ReLU(inplace=True), nn.Linear(512, 10))


def mobilenet():
    layers = [*convolve(3, 32, 3), nn.ReLU6(inplace=True)]
    channels = 32
    for filters, stride in ((64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), (512, 1)):
        depthwise = nn.Conv2d(channels, channels, 3, stride, 1, groups=channels, bias=False)
        layers += [depthwise, nn.BatchNorm2d(channels), nn.ReLU6(inplace=True)]
        layers += [*convolve(channels, filters, 1), nn.ReLU6(inplace=True)]
        channels = filters
    return nn.Sequential(*layers, *pool_and_classify(512, 10))


def resnet_18():
    from torchvision.models import resnet18

    return resnet18(weights=None)


def mobilenet_v2():
    from torchvision.models import mobilenet_v2 as make

    return make(weights=None, dropout=0.0)


def efficientnet_b0():
    from torchvision.models import efficientnet_b0 as make

    return make(weights=None, dropout=0.0, stochastic_depth_prob=0.0)


MAKERS = {
    "lenet": lenet,
    "resnet-20": resnet_20,
    "vgg": vgg,
    "mobilenet": mobilenet,
    "unet": lambda: UNet(5),
    "resnet-18": resnet_18,
    "mobilenet-v2": mobilenet_v2,
    "efficientnet-b0": efficientnet_b0,
}


@dataclass
class Weights:
    """Takes convforge's weights one by one."""

    values: numpy.ndarray
    shapes: list

    def next(self):
        shape = self.shapes.pop(0)
        size = int(numpy.prod(shape))
        taken, self.values = self.values[:size], self.values[size:]
        return torch.from_numpy(taken.copy()).reshape(shape)


def make_network(folder):
    """The network of the folder without softmax, with convforge's weights."""
    with open(f"{folder}/network.json") as file:
        network = json.load(file)
    model = MAKERS[network["key"]]()
    weights = Weights(numpy.fromfile(f"{folder}/weights.bin", numpy.float32), network["weights"])
    with torch.no_grad():
        for module in model.modules():
            load(module, weights)
    if weights.shapes:
        raise ValueError(f"{len(weights.shapes)} weights have no place in PyTorch's network")
    return model


def load(module, weights):
    if isinstance(module, nn.ConvTranspose2d) or (isinstance(module, nn.Conv2d) and module.groups == 1):
        # [height, width, inputs, outputs], or the last two exchanged where it is transposed.
        module.weight.copy_(weights.next().permute(3, 2, 0, 1))
    elif isinstance(module, nn.Conv2d):
        # [height, width, channels, 1]
        module.weight.copy_(weights.next().permute(2, 3, 0, 1))
    elif isinstance(module, nn.Linear):
        kernel = weights.next()
        if hasattr(module, "flattened"):
            kernel = kernel.reshape(*module.flattened, -1).permute(2, 0, 1, 3).reshape(kernel.shape)
        module.weight.copy_(kernel.T)
    elif isinstance(module, nn.BatchNorm2d):
        for tensor in (module.weight, module.bias, module.running_mean, module.running_var):
            tensor.copy_(weights.next())
        return
    else:
        return
    if module.bias is not None:
        module.bias.copy_(weights.next())
