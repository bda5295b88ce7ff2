"""PyTorch's side of `ours-bytes.ts`: networks from the bytes of images in memory to an answer in memory. One JSON line.

    bytes_peer.py bytes-maps --batch 64 --size 224 --precision bf16 --layout channels_last --compile
    bytes_peer.py bytes-cyclegan --batch 8 --size 64 --ngf 16 --blocks 3

`--device auto` takes the card where torch has one. Each step copies the bytes to the device, scales them there, and brings
maps, means or the loss back, which waits for the device. Of a CycleGAN the networks are those of `tools/oracles/cyclegan_step.py`;
losses and optimizers are the paper's, with the identity term and without the pool of earlier fakes.
"""

import argparse
import contextlib
import itertools
import json
import os
import platform
import resource
import statistics
import sys
import time
from pathlib import Path

import numpy as np
import torch
from torch import nn

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tools" / "oracles"))
from cyclegan_step import Patch, Resnet  # noqa: E402

WARM_UP = 3
VGG = ((2, 64), (2, 128), (3, 256), (3, 512), (3, 512))
CAFFE_MEAN_BGR = (103.939, 116.779, 123.68)
CYCLE, IDENTITY, RATE, BETAS = 10.0, 5.0, 2e-4, (0.5, 0.999)


def vgg16():
    """The five blocks of convolutions, a module each."""
    blocks, last = [], 3
    for depth, width in VGG:
        layers = []
        for _ in range(depth):
            layers += [nn.Conv2d(last, width, 3, padding=1), nn.ReLU(inplace=True)]
            last = width
        blocks.append(nn.Sequential(*layers, nn.MaxPool2d(2)))
    return nn.Sequential(*blocks)


class Side:
    """A device, and how networks compute on it."""

    def __init__(self, args):
        automatic = "cuda" if torch.cuda.is_available() else "cpu"
        self.device = torch.device(automatic if args.device == "auto" else args.device)
        self.reduced = args.precision == "bf16"
        self.format = torch.channels_last if args.layout == "channels_last" else torch.contiguous_format
        self.compiles = args.compile
        if self.device.type == "cuda":
            torch.backends.cudnn.benchmark = True

    def network(self, module):
        placed = module.to(self.device, memory_format=self.format)
        return torch.compile(placed) if self.compiles else placed

    def images(self, pixels):
        """Returns bytes [B, H, W, 3] as float32 [B, 3, H, W] on the device."""
        there = torch.from_numpy(pixels).to(self.device).permute(0, 3, 1, 2).float()
        return there.contiguous(memory_format=self.format)

    def cast(self):
        if not self.reduced:
            return contextlib.nullcontext()
        return torch.autocast(self.device.type, dtype=torch.bfloat16)

    @property
    def name(self):
        return torch.cuda.get_device_name() if self.device.type == "cuda" else platform.processor() or "cpu"


def noise(args, seed):
    shape = (args.batch, args.size, args.size, 3)
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


def vgg_step(args, side):
    """Predicts maps or means, or updates block5 or all blocks by Adam on the mean of the squared maps."""
    blocks = vgg16()
    if args.work == "bytes-block5":
        blocks[:4].requires_grad_(False)
    network, pixels = side.network(blocks), noise(args, 1)
    mean = torch.tensor(CAFFE_MEAN_BGR, device=side.device).view(1, 3, 1, 1)

    def prepared():
        return side.images(pixels).flip(1) - mean

    def predict():
        with torch.inference_mode(), side.cast():
            maps = network(prepared()).float()
            answer = maps.mean((2, 3)) if args.work == "bytes-means" else maps
        return answer.cpu()

    if args.work in ("bytes-maps", "bytes-means"):
        return predict
    trained = [each for each in blocks.parameters() if each.requires_grad]
    optimizer = torch.optim.Adam(trained, 1e-4)

    def update():
        optimizer.zero_grad()
        with side.cast():
            loss = network(prepared()).float().square().mean()
        loss.backward()
        optimizer.step()
        return loss.item()

    return update


def cyclegan_step(args, side):
    def generator():
        return side.network(Resnet(args.ngf, args.blocks, "instance"))

    def discriminator():
        return side.network(Patch(args.ngf, 3, "instance"))

    to_y, to_x, in_x, in_y = generator(), generator(), discriminator(), discriminator()
    judges = [*in_x.parameters(), *in_y.parameters()]
    painters = itertools.chain(to_y.parameters(), to_x.parameters())
    painting = torch.optim.Adam(painters, RATE, betas=BETAS)
    judging = torch.optim.Adam(judges, RATE, betas=BETAS)
    pixels = noise(args, 1), noise(args, 2)

    def off(opinion, wanted):
        return (opinion.float() - wanted).square().mean()

    def apart(a, b):
        return (a.float() - b).abs().mean()

    def update():
        x, y = (side.images(each) / 127.5 - 1 for each in pixels)
        for each in judges:
            each.requires_grad_(False)
        with side.cast():
            fake_y, fake_x = to_y(x), to_x(y)
            painted = off(in_y(fake_y), 1) + off(in_x(fake_x), 1)
            painted = painted + CYCLE * (apart(to_x(fake_y), x) + apart(to_y(fake_x), y))
            painted = painted + IDENTITY * (apart(to_y(y), y) + apart(to_x(x), x))
        painting.zero_grad()
        painted.backward()
        painting.step()
        for each in judges:
            each.requires_grad_(True)
        with side.cast():
            in_domain_y = off(in_y(y), 1) + off(in_y(fake_y.detach()), 0)
            in_domain_x = off(in_x(x), 1) + off(in_x(fake_x.detach()), 0)
            judged = (in_domain_x + in_domain_y) / 2
        judging.zero_grad()
        judged.backward()
        judging.step()
        return painted.item(), judged.item()

    return update


def seconds_of(step, rounds):
    for _ in range(WARM_UP):
        step()
    found = []
    for _ in range(rounds):
        began = time.perf_counter()
        step()
        found.append(time.perf_counter() - began)
    return statistics.median(found)


def parsed():
    parser = argparse.ArgumentParser()
    works = ("maps", "means", "block5", "all", "cyclegan")
    parser.add_argument("work", choices=[f"bytes-{work}" for work in works])
    for name, default in {"batch": 8, "size": 224, "ngf": 16, "blocks": 3, "rounds": 3}.items():
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--precision", choices=("f32", "bf16"), default="f32")
    parser.add_argument("--layout", choices=("default", "channels_last"), default="default")
    parser.add_argument("--compile", action="store_true")
    parser.add_argument("--device", default="auto")
    return parser.parse_args()


def main():
    args = parsed()
    side = Side(args)
    torch.set_num_threads(os.cpu_count())
    is_gan = args.work == "bytes-cyclegan"
    seconds = seconds_of((cyclegan_step if is_gan else vgg_step)(args, side), args.rounds)
    config = {name: value for name, value in vars(args).items() if name != "work"}
    config |= {"device": side.name, "threads": torch.get_num_threads()}
    line = {
        "peer": f"torch {torch.__version__}",
        "work": args.work,
        "config": config,
        "value": round(seconds if is_gan else args.batch / seconds, 4),
        "unit": "s/step" if is_gan else "img/s",
        "peak_rss_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }
    if side.device.type == "cuda":
        line["peak_gpu_mb"] = round(torch.cuda.max_memory_allocated() / 2**20)
    print(json.dumps(line))


if __name__ == "__main__":
    main()
