"""Writes what PyTorch makes of one drawn image with the weights of a backbone, for backbones.oracle.test.ts.

    pip install torch h5py
    python tools/oracles/backbone_forward.py vgg16 vgg16_notop.h5 > packages/models/src/backbones/fixtures/vgg16-forward.json

The layers are torch.nn.functional's own; nothing of Janus runs here.
"""

import json
import sys

import h5py
import numpy as np
import torch
import torch.nn.functional as F

SIDE = 64
VGG16 = [(1, 2), (2, 2), (3, 3), (4, 3), (5, 3)]


def tensors_of(path):
    """Every array of a Keras file under `<layer>/kernel` and `<layer>/bias`."""
    found = {}

    def take(name, item):
        if isinstance(item, h5py.Dataset):
            parts = name.split("/")
            found[f"{parts[0]}/{'bias' if item.ndim == 1 else 'kernel'}"] = np.asarray(item)

    with h5py.File(path) as file:
        (file["model_weights"] if "model_weights" in file else file).visititems(take)
    return found


def image():
    """RGB values [SIDE, SIDE, 3] of a formula that both sides compute in whole numbers."""
    y, x, c = np.meshgrid(np.arange(SIDE), np.arange(SIDE), np.arange(3), indexing="ij")
    return (y * 3 + x * 2 + c * 40 + (x * y) % 37) % 256


def conv(x, tensors, name, **options):
    kernel = torch.from_numpy(tensors[f"{name}/kernel"]).permute(3, 2, 0, 1).contiguous()
    return F.relu(F.conv2d(x, kernel, torch.from_numpy(tensors[f"{name}/bias"]), **options))


def vgg16(tensors, rgb):
    bgr = rgb[:, :, ::-1].astype(np.float32) - np.array([103.939, 116.779, 123.68], np.float32)
    x = torch.from_numpy(bgr.copy()).permute(2, 0, 1)[None]
    for block, count in VGG16:
        for i in range(1, count + 1):
            x = conv(x, tensors, f"block{block}_conv{i}", padding=1)
        x = F.max_pool2d(x, 2)
    return x


def main():
    name, path = sys.argv[1:3]
    with torch.no_grad():
        out = {"vgg16": vgg16}[name](tensors_of(path), image())
    values = out[0].permute(1, 2, 0).contiguous().numpy()
    flat = values.reshape(-1)
    json.dump(
        {
            "side": SIDE,
            "torch": torch.__version__,
            "shape": list(values.shape),
            "values": [round(float(v), 6) for v in flat],
        },
        sys.stdout,
    )
    print()


if __name__ == "__main__":
    main()
