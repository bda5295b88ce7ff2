"""PyTorch's side of `translation.ts`: trains the CycleGAN reference's recipe for some minutes, and prints one JSON line.

    translation_peer.py --x trainA --y trainB --size 64 --minutes 60 --threads 1 --out <folder>

Networks are those of `tools/oracles/cyclegan_step.py`; the recipe is that of train.py's defaults: ResNet-9 of 64 filters,
70 px patches, batch 1, least squares, cycle 10, identity 0.5, Adam 2e-4 (0.5, 0.999), pools of 50, images enlarged to
286/256 of the size, cropped and mirrored at random, kernels from N(0, 0.02). The rate stays for the first half of the
minutes and falls to 0 over the second, as it does over the reference's 200 epochs. Images are decoded once, before the
clock starts. float32 and bfloat16 (autocast) are timed first, outside the minutes too, and the faster one trains.
"""

import argparse
import itertools
import json
import random
import sys
import time
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import nn

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tools" / "oracles"))
from cyclegan_step import Patch, Resnet  # noqa: E402

FILTERS, BLOCKS, LAYERS = 64, 9, 3
CYCLE, IDENTITY, RATE, BETAS, POOL = 10.0, 0.5, 2e-4, (0.5, 0.999), 50
ENLARGED = 286 / 256
TIMED = 8


def images(folder, side):
    files = sorted(Path(folder).glob("*.jpg"))
    opened = (Image.open(file).convert("RGB").resize((side, side), Image.BICUBIC) for file in files)
    stacked = np.stack([np.asarray(image) for image in opened])
    return torch.from_numpy(stacked).permute(0, 3, 1, 2).float() / 127.5 - 1


def initialised(network):
    for module in network.modules():
        if isinstance(module, (nn.Conv2d, nn.ConvTranspose2d)):
            nn.init.normal_(module.weight, 0.0, 0.02)
            if module.bias is not None:
                nn.init.zeros_(module.bias)
    return network


class Pool:
    """Returns the new fake, or in half of the cases an earlier one, which the new one replaces."""

    def __init__(self):
        self.kept = []

    def query(self, fake):
        if len(self.kept) < POOL:
            self.kept.append(fake)
            return fake
        if random.random() < 0.5:
            return fake
        at = random.randrange(POOL)
        earlier, self.kept[at] = self.kept[at], fake
        return earlier


class Training:
    def __init__(self, precision):
        self.precision = precision
        self.G, self.F = (initialised(Resnet(FILTERS, BLOCKS, "instance")) for _ in range(2))
        self.DX, self.DY = (initialised(Patch(FILTERS, LAYERS, "instance")) for _ in range(2))
        self.generators = list(itertools.chain(self.G.parameters(), self.F.parameters()))
        self.discriminators = list(itertools.chain(self.DX.parameters(), self.DY.parameters()))
        self.adam_g = torch.optim.Adam(self.generators, RATE, betas=BETAS)
        self.adam_d = torch.optim.Adam(self.discriminators, RATE, betas=BETAS)
        self.pools = Pool(), Pool()

    def compute(self):
        return torch.autocast("cpu", torch.bfloat16, enabled=self.precision == "bf16")

    def update(self, x, y, factor):
        square = lambda opinion, target: ((opinion.float() - target) ** 2).mean()  # noqa: E731
        l1 = lambda a, b: (a.float() - b).abs().mean()  # noqa: E731
        for group in self.adam_g.param_groups + self.adam_d.param_groups:
            group["lr"] = RATE * factor
        for parameter in self.discriminators:
            parameter.requires_grad = False
        with self.compute():
            fake_y, fake_x = self.G(x), self.F(y)
            loss = square(self.DY(fake_y), 1) + square(self.DX(fake_x), 1)
            loss = loss + CYCLE * (l1(self.F(fake_y), x) + l1(self.G(fake_x), y))
            loss = loss + CYCLE * IDENTITY * (l1(self.F(x), x) + l1(self.G(y), y))
        self.adam_g.zero_grad()
        loss.backward()
        self.adam_g.step()
        for parameter in self.discriminators:
            parameter.requires_grad = True
        old_x, old_y = (pool.query(fake.detach()) for pool, fake in zip(self.pools, (fake_x, fake_y)))
        with self.compute():
            loss = 0.5 * (square(self.DX(x), 1) + square(self.DX(old_x), 0))
            loss = loss + 0.5 * (square(self.DY(y), 1) + square(self.DY(old_y), 0))
        self.adam_d.zero_grad()
        loss.backward()
        self.adam_d.step()


def seconds_of(precision, size):
    training = Training(precision)
    x, y = (torch.rand(1, 3, size, size) * 2 - 1 for _ in range(2))
    training.update(x, y, 1.0)
    began = time.monotonic()
    for _ in range(TIMED):
        training.update(x, y, 1.0)
    return (time.monotonic() - began) / TIMED


def drawn(image, size):
    top, left = (random.randint(0, image.shape[-1] - size) for _ in range(2))
    cut = image[:, top : top + size, left : left + size]
    return (cut.flip(-1) if random.random() < 0.5 else cut).unsqueeze(0)


def endless(stack, size):
    while True:
        for at in torch.randperm(len(stack)):
            yield drawn(stack[at], size)


def main():
    p = argparse.ArgumentParser()
    for name in ("x", "y", "out"):
        p.add_argument(f"--{name}", required=True)
    p.add_argument("--size", type=int, default=64)
    p.add_argument("--minutes", type=float, required=True)
    p.add_argument("--threads", type=int, required=True)
    p.add_argument("--seed", type=int, default=1)
    args = p.parse_args()
    torch.set_num_threads(args.threads)
    random.seed(args.seed)
    torch.manual_seed(args.seed)
    side = round(args.size * ENLARGED)
    sets = [endless(images(folder, side), args.size) for folder in (args.x, args.y)]
    seconds = {precision: seconds_of(precision, args.size) for precision in ("f32", "bf16")}
    precision = min(seconds, key=seconds.get)
    training = Training(precision)
    limit, began, updates = args.minutes * 60, time.monotonic(), 0
    while (spent := time.monotonic() - began) < limit:
        training.update(*(next(each) for each in sets), min(1.0, 2 * (1 - spent / limit)))
        updates += 1
    out = Path(args.out)
    out.mkdir(parents=True, exist_ok=True)
    for name, network in (("x-to-y", training.G), ("y-to-x", training.F)):
        torch.save(network.state_dict(), out / f"{name}.pth")
    print(json.dumps({"updates": updates, "seconds": time.monotonic() - began, "precision": precision, "torch": torch.__version__}))


main()
