"""One training step of the CycleGAN reference in PyTorch: its losses, and what its gradients are.

    pip install torch numpy
    python3 tools/oracles/cyclegan_step.py packages/models/src/cyclegan/fixtures

Networks and step are written after junyanz/pytorch-CycleGAN-and-pix2pix (models/networks.py, models/cycle_gan_model.py;
BSD), with the names that it saves weights under. Weights and images are a function of a name and a place, which the test
computes too, so that the fixture holds results alone: for each configuration the losses, and for each parameter the norm of
its gradient and its product with one such direction. Through the depth of the default configuration
float32 itself is not exact, so that one is computed in float64. `--full` computes it with all of its filters too, which takes
minutes. It also writes a small generator as `generator.pth`, and what it makes of an image.
"""

import json
import sys
from pathlib import Path

import numpy as np
import torch
from torch import nn



def fnv(text):
    value = 2166136261
    for byte in text.encode():
        value = ((value ^ byte) * 16777619) & 0xFFFFFFFF
    return value


def numbers(name, count):
    """Numbers in [-1, 1) that look random: murmur3's last mix of place and hash of the name."""
    with np.errstate(over="ignore"):
        x = np.arange(count, dtype=np.uint32) * np.uint32(2654435761) + np.uint32(fnv(name))
        x ^= x >> np.uint32(16)
        x *= np.uint32(0x85EBCA6B)
        x ^= x >> np.uint32(13)
        x *= np.uint32(0xC2B2AE35)
        x ^= x >> np.uint32(16)
    return (x.astype(np.float64) / 2**31 - 1).astype(np.float32)


def tensor(name, shape, scale=1.0):
    values = numbers(name, int(np.prod(shape))) * np.float32(scale)
    return torch.from_numpy(values.reshape(shape).copy())


def norm(kind, width):
    if kind == "batch":
        return [nn.BatchNorm2d(width)]
    return [nn.InstanceNorm2d(width)]


class Block(nn.Module):
    def __init__(self, width, kind):
        super().__init__()
        bias = kind == "instance"
        conv = lambda: nn.Conv2d(width, width, 3, bias=bias)  # noqa: E731
        self.conv_block = nn.Sequential(
            nn.ReflectionPad2d(1), conv(), *norm(kind, width), nn.ReLU(),
            nn.ReflectionPad2d(1), conv(), *norm(kind, width),
        )

    def forward(self, x):
        return x + self.conv_block(x)


class Resnet(nn.Module):
    def __init__(self, width, blocks, kind):
        super().__init__()
        bias = kind == "instance"
        layers = [nn.ReflectionPad2d(3), nn.Conv2d(3, width, 7, bias=bias), *norm(kind, width), nn.ReLU()]
        for i in (1, 2):
            layers += [nn.Conv2d(i * width, 2 * i * width, 3, 2, 1, bias=bias), *norm(kind, 2 * i * width), nn.ReLU()]
        layers += [Block(4 * width, kind) for _ in range(blocks)]
        for i in (4, 2):
            up = nn.ConvTranspose2d(i * width, i * width // 2, 3, 2, 1, 1, bias=bias)
            layers += [up, *norm(kind, i * width // 2), nn.ReLU()]
        layers += [nn.ReflectionPad2d(3), nn.Conv2d(width, 3, 7), nn.Tanh()]
        self.model = nn.Sequential(*layers)

    def forward(self, x):
        return self.model(x)


class Level(nn.Module):
    """A level of the U-Net; `inner` is the next one, if there is one."""

    def __init__(self, outer, width, kind, inner=None, first=False):
        super().__init__()
        self.first = first
        bias = kind == "instance"
        down = nn.Conv2d(3 if first else outer, width, 4, 2, 1, bias=bias)
        if first:
            layers = [down, inner, nn.ReLU(), nn.ConvTranspose2d(width * 2, outer, 4, 2, 1), nn.Tanh()]
        elif inner is None:
            up = nn.ConvTranspose2d(width, outer, 4, 2, 1, bias=bias)
            layers = [nn.LeakyReLU(0.2), down, nn.ReLU(), up, *norm(kind, outer)]
        else:
            up = nn.ConvTranspose2d(width * 2, outer, 4, 2, 1, bias=bias)
            layers = [nn.LeakyReLU(0.2), down, *norm(kind, width), inner, nn.ReLU(), up, *norm(kind, outer)]
        self.model = nn.Sequential(*layers)

    def forward(self, x):
        return self.model(x) if self.first else torch.cat([x, self.model(x)], 1)


class Unet(nn.Module):
    def __init__(self, width, depth, kind):
        super().__init__()
        widths = [width * min(2**i, 8) for i in range(depth)]
        level = None
        for i in reversed(range(1, depth)):
            level = Level(widths[i - 1], widths[i], kind, level)
        self.model = Level(3, width, kind, level, first=True)

    def forward(self, x):
        return self.model(x)


class Patch(nn.Module):
    def __init__(self, width, layers, kind):
        super().__init__()
        bias = kind == "instance"
        parts = [nn.Conv2d(3, width, 4, 2, 1), nn.LeakyReLU(0.2)]
        last = width
        for i in range(1, layers + 1):
            now = width * min(2**i, 8)
            stride = 1 if i == layers else 2
            parts += [nn.Conv2d(last, now, 4, stride, 1, bias=bias), *norm(kind, now), nn.LeakyReLU(0.2)]
            last = now
        self.model = nn.Sequential(*parts, nn.Conv2d(last, 1, 4, 1, 1))

    def forward(self, x):
        return self.model(x)


class Pixel(nn.Module):
    def __init__(self, width, kind):
        super().__init__()
        bias = kind == "instance"
        self.net = nn.Sequential(
            nn.Conv2d(3, width, 1), nn.LeakyReLU(0.2),
            nn.Conv2d(width, 2 * width, 1, bias=bias), *norm(kind, 2 * width), nn.LeakyReLU(0.2),
            nn.Conv2d(2 * width, 1, 1, bias=bias),
        )

    def forward(self, x):
        return self.net(x)


def fill(network, prefix):
    """Sets weights: N(0, 0.02)'s deviation for kernels and biases, 1 and a little for the scales of batch normalisation."""
    with torch.no_grad():
        for name, value in network.named_parameters():
            one = 1.0 if value.ndim == 1 and name.endswith("weight") else 0.0
            value.copy_(tensor(f"{prefix}.{name}", value.shape, 0.02 * 3**0.5) + one)
    return network


def generator(config):
    if config["generator"] == "resnet":
        return Resnet(config["filters"], config["blocks"], config["norm"])
    return Unet(config["filters"], config["depth"], config["norm"])


def discriminator(config):
    if config["discriminator"] == "pixel":
        return Pixel(config["discriminatorFilters"], config["norm"])
    return Patch(config["discriminatorFilters"], config["discriminatorLayers"], config["norm"])


def step(config, dtype=torch.float32):
    """`optimize_parameters` of cycle_gan_model.py up to the updates; the discriminators see the new fakes."""
    G, F = (fill(generator(config).to(dtype), name) for name in "GF")
    DX, DY = (fill(discriminator(config).to(dtype), name) for name in ("DX", "DY"))
    shape = (config["batch"], 3, config["size"], config["size"])
    x, y = tensor("realX", shape).to(dtype), tensor("realY", shape).to(dtype)
    if config["adversarial"] == "least-squares":
        gan = lambda logits, real: ((logits - (1.0 if real else 0.0)) ** 2).mean()  # noqa: E731
    else:
        bce = nn.BCEWithLogitsLoss()
        gan = lambda logits, real: bce(logits, torch.full_like(logits, 1.0 if real else 0.0))  # noqa: E731
    l1 = nn.L1Loss()
    fake_y, fake_x = G(x), F(y)
    losses = {"cycleX": l1(F(fake_y), x), "cycleY": l1(G(fake_x), y)}
    losses |= {"identityX": l1(F(x), x), "identityY": l1(G(y), y)}
    losses |= {"adversarialX": gan(DX(fake_x), True), "adversarialY": gan(DY(fake_y), True)}
    cycle, identity = 10.0, 0.5
    total = losses["adversarialX"] + losses["adversarialY"]
    total = total + cycle * (losses["cycleX"] + losses["cycleY"])
    total = total + cycle * identity * (losses["identityX"] + losses["identityY"])
    losses["generatorTotal"] = total
    networks = {"G": G, "F": F, "DX": DX, "DY": DY}
    gradients = gradients_of(total, {name: networks[name] for name in "GF"})
    for name, real, fake in (("DX", x, fake_x.detach()), ("DY", y, fake_y.detach())):
        loss = 0.5 * (gan(networks[name](real), True) + gan(networks[name](fake), False))
        losses[f"discriminator{name[1]}"] = loss
        gradients |= gradients_of(loss, {name: networks[name]})
    values = {name: float(value.detach()) for name, value in losses.items()}
    return {"config": config, "losses": values, "gradients": gradients}


def exact_step(config):
    """A step in float64, and `rounding`: how far float32 is from it, in units of what the test allows small networks."""
    exact, single = step(config, torch.float64), step(config)
    found = exact["gradients"]
    worst = 0.0
    for name, (length, along) in found.items():
        largest = max(other for key, (other, _) in found.items() if key.split(".")[0] == name.split(".")[0])
        off = max(abs(single["gradients"][name][0] - length), abs(single["gradients"][name][1] - along))
        worst = max(worst, off / (1e-3 * length + 1e-5 * largest))
    return exact | {"rounding": worst}


def gradients_of(loss, networks):
    """Norm, and product with a direction, of each gradient by the name of its parameter."""
    named = [(f"{n}.{name}", p) for n, net in networks.items() for name, p in net.named_parameters()]
    found = torch.autograd.grad(loss, [p for _, p in named], allow_unused=True)
    result = {}
    for (name, parameter), gradient in zip(named, found):
        direction = tensor(f"direction.{name}", parameter.shape)
        gradient = torch.zeros_like(parameter) if gradient is None else gradient
        along = (gradient.double() * direction.double()).sum()
        result[name] = [float(gradient.double().norm()), float(along)]
    return result


DEFAULT = {
    "generator": "resnet", "blocks": 9, "norm": "instance", "size": 256, "batch": 1, "adversarial": "least-squares",
    "discriminator": "patch", "discriminatorLayers": 3,
}
DEEP = {"default, fewer filters": {**DEFAULT, "filters": 4, "discriminatorFilters": 4}}
CONFIGS = {
    "small": {**DEFAULT, "size": 32, "batch": 2, "filters": 3, "blocks": 2, "discriminatorFilters": 4},
    "unet": {
        **DEFAULT, "generator": "unet", "depth": 5, "norm": "batch", "size": 32, "batch": 2, "filters": 3,
        "adversarial": "log", "discriminatorFilters": 4, "discriminatorLayers": 2,
    },
    "pixel": {
        **DEFAULT, "size": 16, "batch": 3, "filters": 3, "blocks": 1, "norm": "batch", "discriminator": "pixel",
        "discriminatorFilters": 5,
    },
}
FULL = {"default": {**DEFAULT, "filters": 64, "discriminatorFilters": 64}}


def main():
    out = Path(sys.argv[1])
    out.mkdir(parents=True, exist_ok=True)
    configs = {**CONFIGS, **FULL} if "--full" in sys.argv else CONFIGS
    path = out / "cyclegan-step.json"
    results = json.loads(path.read_text()) if path.exists() else {}
    results |= {name: step(config) for name, config in configs.items()}
    results |= {name: exact_step(config) for name, config in DEEP.items()}
    path.write_text(json.dumps(results, separators=(",", ":")) + "\n")
    network = fill(Resnet(3, 2, "instance"), "file")
    torch.save(network.state_dict(), out / "generator.pth")
    image = tensor("image", (1, 3, 16, 24))
    with torch.no_grad():
        made = network(image)[0].permute(1, 2, 0).reshape(-1)
    translated = {"height": 16, "width": 24, "output": [round(float(v), 6) for v in made]}
    (out / "generator-output.json").write_text(json.dumps(translated, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
