"""Predicts with an export of `janus export --format safetensors` in PyTorch, and compares with `janus predict --json`.

    pip install torch torchvision safetensors pillow
    npx janus export runs/people-gender-vgg16 --format safetensors --out exports/people
    npx janus predict runs/people-gender-vgg16 faces --json > predictions.json
    python3 tools/oracles/export_torchvision.py exports/people predictions.json

The images must have the model's size already: resampling differs between programs, which is not what is compared. PNG,
since JPEG decoders differ by a grey value. The run must be of float32: bfloat16 differs by more than the tolerance.
Fails when a probability differs by more than 1e-4.
"""

import json
import math
import sys

import numpy as np
import torch
import torchvision
from PIL import Image
from safetensors.torch import load_file
from torch import nn

TOLERANCE = 1e-4
# Where torchvision's `features` end after each block.
BLOCKS = {"block1": 5, "block2": 10, "block3": 17, "block4": 24, "block5": 31, "last": 31}


def grid_means(maps):
    """Means of the four quarters, row by row; those of odd sides overlap, as AdaptiveAvgPool2d's do."""
    means = nn.functional.adaptive_avg_pool2d(maps, 2)  # [B, C, 2, 2]
    return [means[:, :, y, x] for y in range(2) for x in range(2)]


def pooled(maps, pooling):
    average, largest = maps.mean((2, 3)), maps.amax((2, 3))
    return {
        "flatten": lambda: maps.flatten(1),
        "average": lambda: average,
        "max": lambda: largest,
        "average+max": lambda: torch.cat([average, largest], 1),
        "average+max+grid": lambda: torch.cat([average, largest, *grid_means(maps)], 1),
    }[pooling]()


def normalised(x, normalisation):
    if normalisation == "none":
        return x
    relative = x.abs() / (x.abs().mean(-1, keepdim=True) + 1e-6)
    return x.sign() * (relative + 1e-6).sqrt()


class Exported(nn.Module):
    def __init__(self, folder):
        super().__init__()
        with open(f"{folder}/janus.json") as file:
            self.facts = json.load(file)
        tensors = load_file(f"{folder}/model.safetensors")
        self.features = torchvision.models.vgg16(weights=None).features[: BLOCKS[self.facts["cut"]]]
        layers = []
        for name in sorted({n.split(".")[1] for n in tensors if n.startswith("classifier.")}, key=int):
            outputs, inputs = tensors[f"classifier.{name}.weight"].shape
            layers += [nn.Linear(inputs, outputs), nn.ReLU(), nn.Dropout()]
        self.classifier = nn.Sequential(*layers[:-2])
        self.load_state_dict(tensors)

    def forward(self, pixels):
        """uint8 [B, H, W, 3], RGB -> logits."""
        x = (pixels.float() - torch.tensor(self.facts["mean"])) / torch.tensor(self.facts["deviation"])
        maps = self.features(x.permute(0, 3, 1, 2).contiguous())
        return self.classifier(normalised(pooled(maps, self.facts["pooling"]), self.facts["normalisation"]))


def main():
    folder, path = sys.argv[1:3]
    model = Exported(folder).eval()
    with open(path) as file:
        rows = json.load(file)["rows"]
    size = model.facts["imageSize"]
    largest = 0.0
    for row in rows:
        image = Image.open(row["file"]).convert("RGB")
        if image.size != (size, size):
            sys.exit(f"{row['file']}: must be {size} x {size}, but is {image.size[0]} x {image.size[1]}")
        with torch.no_grad():
            logits = model(torch.from_numpy(np.asarray(image)[None].copy()))
            logits = logits / model.facts.get("temperature", 1)
        found = torch.softmax(logits.double(), -1)[0].tolist()
        for name, value in zip(model.facts["classes"], found):
            largest = max(largest, math.fabs(value - row["probabilities"][name]))
    print(f"torch {torch.__version__}, torchvision {torchvision.__version__}: {len(rows)} images, largest difference {largest:.2e}")
    sys.exit(0 if rows and largest <= TOLERANCE else 1)


if __name__ == "__main__":
    main()
