"""What cleanlab finds in labels whose probabilities the test makes too.

    pip install cleanlab==2.9.0 && python3 tools/oracles/confident_learning.py > packages/core/src/fixtures/confident-learning.json

Prints what packages/core/src/label-issues.oracle.test.ts compares with: thresholds, confident joints, and the flagged
images of each filter in their order. Both make the same numbers, bit for bit.
"""
import json
import math
import warnings

import cleanlab
import numpy
from cleanlab.count import compute_confident_joint, get_confident_thresholds
from cleanlab.filter import find_label_issues
from cleanlab.rank import get_label_quality_scores

warnings.filterwarnings("ignore")

# (images, classes, how sure the classifier is, share of wrong labels, share of noise flagged, least of a class, seed)
CASES = [
    (6, 2, 2.0, 0.3, 1.0, 1, 1),
    (40, 2, 3.0, 0.1, 1.0, 1, 2),
    (200, 2, 2.0, 0.25, 1.0, 1, 3),
    (200, 2, 6.0, 0.05, 0.5, 1, 4),
    (120, 3, 3.0, 0.2, 1.0, 1, 5),
    (300, 5, 4.0, 0.3, 0.7, 10, 6),
    (400, 9, 4.0, 0.2, 1.0, 1, 7),
    (400, 12, 3.0, 0.5, 1.0, 40, 8),
    (30, 9, 1.0, 0.6, 1.0, 1, 9),
]
FILTERS = [
    "prune_by_noise_rate",
    "prune_by_class",
    "both",
    "confident_learning",
    "predicted_neq_given",
    "low_normalized_margin",
    "low_self_confidence",
]
QUALITIES = ["self_confidence", "normalized_margin", "confidence_weighted_entropy"]



def chance(*numbers):
    """0 to 1, the same in both languages: from whole numbers below 2^53 alone."""
    state = 1
    for number in numbers:
        state = (state * 1103 + number * 7919 + 12345) % 2147483647
        state = (state * 48271) % 2147483647
    return state / 2147483647


def case(images, classes, sureness, noise, seed):
    labels, rows = [], []
    for i in range(images):
        drawn = chance(seed, i, 1)
        true = math.floor(drawn * math.sqrt(drawn) * classes)
        wrong = chance(seed, i, 2) < noise
        labels.append((true + 1 + math.floor(chance(seed, i, 3) * (classes - 1))) % classes if wrong else true)
        # Squares, no exponential: its last bit differs between libraries.
        raw = [chance(seed, i, 10 + k) + (sureness * chance(seed, i, 4) if k == true else 0) for k in range(classes)]
        raw = [value * value for value in raw]
        total = 0.0
        for value in raw:
            total += value
        rows.append([value / total for value in raw])
    return numpy.array(labels), numpy.array(rows)


def answers(images, classes, sureness, noise, frac_noise, least, seed):
    labels, probabilities = case(images, classes, sureness, noise, seed)
    found = {}
    for name in FILTERS:
        pruned = name.startswith("prune") or name == "both"
        extra = {"frac_noise": frac_noise} if pruned else {}
        found[name.replace("_", "-")] = find_label_issues(
            labels, probabilities, filter_by=name, min_examples_per_class=least, n_jobs=1,
            return_indices_ranked_by="self_confidence", **extra,
        ).tolist()
    return {
        "images": images, "classes": classes, "sureness": sureness, "noise": noise,
        "fracNoise": frac_noise, "minExamplesPerClass": least, "seed": seed,
        "thresholds": get_confident_thresholds(labels, probabilities).tolist(),
        "joint": compute_confident_joint(labels, probabilities).tolist(),
        "issues": found,
        "quality": {
            name.replace("_", "-"): get_label_quality_scores(labels, probabilities, method=name)[:5].tolist()
            for name in QUALITIES
        },
    }


if __name__ == "__main__":
    print(json.dumps({"cleanlab": cleanlab.__version__, "cases": [answers(*each) for each in CASES]}))
