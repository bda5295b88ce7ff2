"""Suggestions of a learning-rate sweep, for packages/core/src/rate-finder.test.ts.

`valley` is that of fastai 2.7 (fastai/callback/schedule.py, Apache 2.0), its plot left out; `smooth` its
AvgSmoothLoss with the default beta (fastai/learner.py). Plain Python: `python3 tools/oracles/lr_valley.py`.
"""
import json
import math


def valley(losses):
    n = len(losses)
    max_start, max_end = 0, 0
    lds = [1] * n
    for i in range(1, n):
        for j in range(0, i):
            if (losses[i] < losses[j]) and (lds[i] < lds[j] + 1):
                lds[i] = lds[j] + 1
            if lds[max_end] < lds[i]:
                max_end = i
                max_start = max_end - lds[max_end]
    sections = (max_end - max_start) / 3
    return max_start, max_end, max_start + int(sections) + int(sections / 2)


def smooth(losses, beta=0.98):
    value, out = 0.0, []
    for count, loss in enumerate(losses, 1):
        value = loss + (value - loss) * beta  # torch.lerp(loss, value, beta)
        out.append(value / (1 - beta**count))
    return out


def curve(i):
    """A sweep as one looks: flat, falling, rising; with a ripple."""
    return 0.7 - 0.5 / (1 + math.exp(-(i - 50) / 6)) + math.exp((i - 88) / 3) + 0.02 * math.sin(i)


curves = {
    "sweep": [curve(i) for i in range(95)],
    "smoothed": smooth([curve(i) for i in range(95)]),
    "short": [3, 4, 2, 5, 1, 6, 0.5],
    "rising": [1, 2, 3, 4],
}
print(json.dumps({name: valley(values) for name, values in curves.items()}))
print(json.dumps([round(each, 12) for each in smooth([1, 3, 2, 5])]))
