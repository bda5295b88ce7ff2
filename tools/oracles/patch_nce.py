"""Prints what the loss of contrastive-unpaired-translation makes of drawn features, for the tests of cut.

    pip install numpy
    python tools/oracles/patch_nce.py

Features and weights are formulas in whole numbers that the tests repeat; nothing of Janus runs here. The steps are those
of the authors' code (taesungp/contrastive-unpaired-translation, models/patchnce.py and PatchSampleF of
models/networks.py), written with numpy in float64: negatives are the other places of the same image, whose own place
is masked by -10 before the temperature divides it.
"""

import json

import numpy as np

TEMPERATURE = 0.07


def drawn(shape, seed):
    """Numbers from -1 to 1 by their place."""
    i = np.arange(int(np.prod(shape)))
    return ((((i * i * 31 + i * 17 + seed * 13 * (i + 1)) % 101) / 50.0) - 1.0).reshape(shape)


def sampled(features, places, weights):
    """PatchSampleF: features [B, H, W, C] -> [B * P, width], of length 1."""
    batch, height, width, channels = features.shape
    vectors = features.reshape(batch, height * width, channels)[:, places, :].reshape(-1, channels)
    w1, b1, w2, b2 = weights
    projected = np.maximum(vectors @ w1 + b1, 0) @ w2 + b2
    return projected / (np.linalg.norm(projected, axis=1, keepdims=True) + 1e-7)


def patch_nce(q, k, batch):
    """PatchNCELoss.forward, then the mean that the model takes."""
    positive = np.sum(q * k, axis=1)[:, None]
    q3, k3 = (x.reshape(batch, -1, x.shape[1]) for x in (q, k))
    negative = q3 @ k3.transpose(0, 2, 1)
    count = q3.shape[1]
    negative[:, np.arange(count), np.arange(count)] = -10.0
    out = np.concatenate([positive, negative.reshape(-1, count)], axis=1) / TEMPERATURE
    most = out.max(axis=1)
    return float(np.mean(np.log(np.exp(out - most[:, None]).sum(axis=1)) + most - out[:, 0]))


def main():
    batch, channels, width = 2, 5, 6
    places = np.array([7, 0, 11, 4])
    weights = (
        drawn((channels, width), 3),
        drawn((width,), 4) / 10,
        drawn((width, width), 5),
        drawn((width,), 6) / 10,
    )
    queries = sampled(drawn((batch, 3, 4, channels), 1), places, weights)
    keys = sampled(drawn((batch, 3, 4, channels), 2), places, weights)
    print(
        json.dumps(
            {
                "loss": patch_nce(queries, keys, batch),
                "own": patch_nce(keys, keys, batch),
                "query": queries[0].tolist(),
            },
            indent=2,
        )
    )


main()
