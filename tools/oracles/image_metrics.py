"""Prints what scipy, prdc and scikit-image make of drawn features and images, for the tests of image-metrics.

    pip install numpy scipy scikit-image scikit-learn prdc
    python tools/oracles/image_metrics.py

Features and images are formulas in whole numbers that the tests repeat; nothing of Janus runs here.
"""

import json

import numpy as np
from prdc import compute_prdc
from scipy.linalg import eigvals, sqrtm
from scipy.stats import entropy
from skimage.metrics import peak_signal_noise_ratio, structural_similarity


def features(count, length, seed):
    i, k = np.meshgrid(np.arange(count), np.arange(length), indexing="ij")
    return ((i * i * 31 + k * k * 17 + i * k * 7 + seed * 13 * (i + k)) % 101) / 16.0 + seed * 0.125


def moments(x):
    return x.mean(axis=0), np.cov(x, rowvar=False)


def frechet(a, b, root):
    (m1, s1), (m2, s2) = moments(a), moments(b)
    return float(np.sum((m1 - m2) ** 2) + np.trace(s1) + np.trace(s2) - 2 * root(s1 @ s2))


def by_sqrtm(product):
    return np.trace(sqrtm(product)).real


def by_eigenvalues(product):
    return np.sqrt(eigvals(product).astype(complex)).real.sum()


def image(seed, size=24):
    y, x, c = np.meshgrid(np.arange(size), np.arange(size), np.arange(3), indexing="ij")
    return ((y * 9 + x * 5 + c * 40 + (x * y) % 37 + seed * (x * 3 + y) % 29) % 256).astype(np.uint8)


def main():
    many = features(40, 6, 1), features(50, 6, 2)
    few = features(10, 64, 1), features(12, 64, 2)
    probabilities = (features(30, 4, 1) + 0.5) ** 2
    probabilities /= probabilities.sum(axis=1, keepdims=True)
    scores = [np.exp(entropy(p.T, p.mean(axis=0)[:, None]).mean()) for p in np.split(probabilities, 3)]
    a, b = image(0), image(1)
    print(
        json.dumps(
            {
                "frechet": {
                    "40 and 50 of 6, sqrtm": frechet(*many, by_sqrtm),
                    "10 and 12 of 64, eigenvalues": frechet(*few, by_eigenvalues),
                },
                "prdc": {
                    f"k = {k}": {name: float(value) for name, value in compute_prdc(*many, nearest_k=k).items()}
                    for k in (3, 5)
                },
                "inceptionScore": {"mean": float(np.mean(scores)), "deviation": float(np.std(scores))},
                "psnr": float(peak_signal_noise_ratio(a, b)),
                "ssim": float(
                    structural_similarity(
                        a,
                        b,
                        channel_axis=2,
                        gaussian_weights=True,
                        sigma=1.5,
                        use_sample_covariance=False,
                        data_range=255,
                    )
                ),
            },
            indent=2,
        )
    )


main()
