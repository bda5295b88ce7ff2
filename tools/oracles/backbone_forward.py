"""Writes what PyTorch makes of one drawn image with the weights of a backbone, for backbones.oracle.test.ts.

    pip install torch h5py
    python tools/oracles/backbone_forward.py vgg16 vgg16_notop.h5 > packages/models/src/backbones/fixtures/vgg16-forward.json
    ... squeezenet squeezenet_v1.1_notop.h5 > .../squeezenet-forward.json
    ... mobilenet mobilenet_v1_1.0_224_tfjs/model.json > .../mobilenet-forward.json     up to its 12th block
    ... faceres node_modules/@vladmandic/human/models/faceres.json > .../faceres-forward.json

Batch normalisations run as such here, where Janus has them multiplied into the convolutions. The layers are torch.nn.functional's own; nothing of Janus runs here.
"""

import json
import os
import sys

import numpy as np
import torch
import torch.nn.functional as F

SIDE = 64
VGG16 = [(1, 2), (2, 2), (3, 3), (4, 3), (5, 3)]


def tensors_of(path):
    """Every array of a Keras file under `<layer>/kernel` and `<layer>/bias`, of a tfjs file under its own name."""
    if path.endswith(".json"):
        return tfjs_tensors(path)
    import h5py

    found = {}

    def take(name, item):
        if isinstance(item, h5py.Dataset):
            parts = name.split("/")
            layer = f"{parts[0]}_{parts[1]}" if parts[0].startswith("fire") else parts[0]
            found[f"{layer}/{'bias' if item.ndim == 1 else 'kernel'}"] = np.asarray(item)

    with h5py.File(path) as file:
        (file["model_weights"] if "model_weights" in file else file).visititems(take)
    return found


def tfjs_tensors(path):
    found = {}
    for group in json.load(open(path))["weightsManifest"]:
        files = [os.path.join(os.path.dirname(path), each) for each in group["paths"]]
        if not all(map(os.path.exists, files)):
            continue
        data = b"".join(open(file, "rb").read() for file in files)
        at = 0
        for entry in group["weights"]:
            kind = np.dtype(entry.get("quantization", {}).get("dtype", entry["dtype"]))
            count = int(np.prod(entry["shape"], dtype=np.int64))
            values = np.frombuffer(data, kind, count, at).reshape(entry["shape"])
            found[entry["name"]] = values.astype(np.float32)
            at += count * kind.itemsize
    return found


def image():
    """RGB values [SIDE, SIDE, 3] of a formula that both sides compute in whole numbers."""
    y, x, c = np.meshgrid(np.arange(SIDE), np.arange(SIDE), np.arange(3), indexing="ij")
    return (y * 3 + x * 2 + c * 40 + (x * y) % 37) % 256


def conv(x, tensors, name, **options):
    kernel = torch.from_numpy(tensors[f"{name}/kernel"]).permute(3, 2, 0, 1).contiguous()
    return F.relu(F.conv2d(x, kernel, torch.from_numpy(tensors[f"{name}/bias"]), **options))


def caffe(rgb):
    bgr = rgb[:, :, ::-1].astype(np.float32) - np.array([103.939, 116.779, 123.68], np.float32)
    return torch.from_numpy(bgr.copy()).permute(2, 0, 1)[None]


def vgg16(tensors, rgb):
    x = caffe(rgb)
    for block, count in VGG16:
        for i in range(1, count + 1):
            x = conv(x, tensors, f"block{block}_conv{i}", padding=1)
        x = F.max_pool2d(x, 2)
    return x


def squeezenet(tensors, rgb):
    x = caffe(rgb)
    x = F.max_pool2d(conv(x, tensors, "conv1", stride=2), 3, 2)
    for i in range(2, 10):
        x = conv(x, tensors, f"fire{i}_squeeze1x1")
        x = torch.cat([conv(x, tensors, f"fire{i}_expand1x1"), conv(x, tensors, f"fire{i}_expand3x3", padding=1)], 1)
        if i in (3, 5):
            x = F.max_pool2d(x, 3, 2)
    return x


# Strides of MobileNet v1's depthwise convolutions.
STRIDES = [1, 2, 1, 2, 1, 2, 1, 1, 1, 1, 1, 2, 1]


def same(x, stride):
    """TensorFlow's SAME for a 3x3 kernel and an even side: at stride 2, only after the last row and column."""
    return F.pad(x, (0, 1, 0, 1) if stride == 2 else (1, 1, 1, 1))


def hwio(array):
    return torch.from_numpy(array).permute(3, 2, 0, 1).contiguous()


def mobilenet(tensors, rgb):
    def normalised(x, name):
        of = {part: torch.from_numpy(tensors[f"{name}_bn/{part}"]) for part in ("gamma", "beta", "moving_mean", "moving_variance")}
        return F.relu6(F.batch_norm(x, of["moving_mean"], of["moving_variance"], of["gamma"], of["beta"], eps=1e-3))

    x = torch.from_numpy((rgb / 127.5 - 1).astype(np.float32)).permute(2, 0, 1)[None]
    x = normalised(F.conv2d(same(x, 2), hwio(tensors["conv1/kernel"]), stride=2), "conv1")
    for i, stride in enumerate(STRIDES[:12], 1):
        kernel = torch.from_numpy(tensors[f"conv_dw_{i}/depthwise_kernel"]).permute(2, 3, 0, 1).contiguous()
        x = F.conv2d(same(x, stride), kernel, stride=stride, groups=kernel.shape[0])
        x = normalised(x, f"conv_dw_{i}")
        x = normalised(F.conv2d(x, hwio(tensors[f"conv_pw_{i}/kernel"])), f"conv_pw_{i}")
    return x


def faceres(tensors, rgb):
    def channels(name):
        return torch.from_numpy(tensors[name])[None, :, None, None]

    def merged(x, name, **options):
        return F.conv2d(x, hwio(tensors[f"{name}/convolution/merged_input"]), **options) + channels(f"{name}_bn/batchnorm_1/sub")

    x = F.relu6(merged(same(caffe(rgb), 2), "conv1", stride=2))
    for i, stride in enumerate(STRIDES, 1):
        name = f"conv_dw_{i}"
        kernel = torch.from_numpy(tensors[f"{name}/depthwise_kernel"]).permute(2, 3, 0, 1).contiguous()
        x = F.conv2d(same(x, stride), kernel, stride=stride, groups=kernel.shape[0])
        x = F.relu6(x * channels(f"{name}_bn/batchnorm_1/mul") + channels(f"{name}_bn/batchnorm_1/sub"))
        x = F.relu6(merged(x, f"conv_pw_{i}"))
    return x


NETWORKS = {"vgg16": vgg16, "squeezenet": squeezenet, "mobilenet": mobilenet, "faceres": faceres}


def main():
    name, path = sys.argv[1:3]
    with torch.no_grad():
        out = NETWORKS[name](tensors_of(path), image())
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
