"""Writes what torchvision's Inception v3, patched as the FID has it, makes of two drawn images, for inception.oracle.test.ts.

    pip install torch torchvision numpy
    python tools/oracles/inception_forward.py > packages/models/src/image-metrics/fixtures/inception-forward.json

The weights are not the published ones, which no package registry has, but made by a formula that the test repeats, under the
published names. The patches are pytorch-fid's: padded average pools leave out the padding, and the last block's pool takes the
maximum. Images are scaled as TensorFlow 1 does it, in numpy. Nothing of Janus runs here.
"""

import json
import types

import numpy as np
import torch
import torchvision.models.inception as inception

SIDE = 107  # Maps of 11, 5 and 2 places: every pool has padding within reach, and the last average something to average.
IMAGE = 48


def unit(name, n):
    """n numbers in [0, 1) that depend on the name alone."""
    seed = 2166136261
    for byte in name.encode():
        seed = ((seed ^ byte) * 16777619) & 0xFFFFFFFF
    x = np.arange(n, dtype=np.uint32) * np.uint32(0x9E3779B1) + np.uint32(seed)
    x ^= x >> np.uint32(16)
    x *= np.uint32(0x85EBCA6B)
    x ^= x >> np.uint32(13)
    x *= np.uint32(0xC2B2AE35)
    x ^= x >> np.uint32(16)
    return x / 2**32


def values(name, shape):
    u = unit(name, int(np.prod(shape)))
    part = ".".join(name.split(".")[-2:])
    if part in ("bn.weight", "bn.running_var"):
        u = 0.5 + u
    elif part in ("bn.bias", "bn.running_mean"):
        u = (u - 0.5) * 0.2
    else:
        u = (2 * u - 1) * np.sqrt(6 / np.prod(shape[1:]))
    return torch.from_numpy(u.astype(np.float32).reshape(shape))


def scaled(images):
    """TensorFlow 1's bilinear resize: source = target * (input / output), no half pixels, no antialiasing."""
    at = np.arange(SIDE) * (IMAGE / SIDE)
    low = np.floor(at).astype(int)
    high = np.minimum(low + 1, IMAGE - 1)
    part = at - low
    rows = images[:, low] * (1 - part)[None, :, None, None] + images[:, high] * part[None, :, None, None]
    return rows[:, :, low] * (1 - part)[None, None, :, None] + rows[:, :, high] * part[None, None, :, None]


def network():
    functional = types.SimpleNamespace(**vars(torch.nn.functional))
    average = torch.nn.functional.avg_pool2d
    functional.avg_pool2d = lambda x, **options: average(x, **options, count_include_pad=False)
    inception.F = functional
    model = inception.inception_v3(num_classes=1008, aux_logits=False, init_weights=False, transform_input=False).eval()
    last = model.Mixed_7c.forward

    def with_maximum(x):
        kept, functional.avg_pool2d = functional.avg_pool2d, torch.nn.functional.max_pool2d
        try:
            return last(x)
        finally:
            functional.avg_pool2d = kept

    model.Mixed_7c.forward = with_maximum
    state = {name: values(name, tensor.shape) for name, tensor in model.state_dict().items() if tensor.ndim > 0}
    model.load_state_dict(state, strict=False)
    return model


def main():
    images = np.floor(256 * unit("images", 2 * IMAGE * IMAGE * 3)).reshape(2, IMAGE, IMAGE, 3)
    model = network()
    kept = {}
    model.avgpool.register_forward_hook(lambda module, inputs, output: kept.update(features=output.flatten(1)))
    with torch.no_grad():
        x = torch.from_numpy((scaled(images) - 128) / 128).float().permute(0, 3, 1, 2)
        model(x)
        logits = kept["features"] @ model.fc.weight.T
    listed = lambda tensor: [[float(f"{value:.7g}") for value in row] for row in tensor.tolist()]
    print(json.dumps({"features": listed(kept["features"]), "logits": listed(logits[:, :40])}))


main()
