"""Ranking, calibration, temperature and group measures, by scikit-learn, scipy and fairlearn.

    pip install scikit-learn==1.9.1 scipy==1.17.1 fairlearn==0.15.0
    python3 tools/oracles/classifier_measures.py

Numbers are made as the tests make them. Prints what the tests of packages/core/src calibration, ranking and slices compare
with.
"""
import json
import math

import fairlearn
import numpy
import scipy
import sklearn
from fairlearn.metrics import (
    MetricFrame,
    demographic_parity_difference,
    equalized_odds_difference,
)
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, softmax
from sklearn.metrics import (
    accuracy_score,
    average_precision_score,
    brier_score_loss,
    log_loss,
    precision_recall_curve,
    roc_auc_score,
    roc_curve,
)

N = 200


def logits(classes):
    return numpy.array([[3 * math.sin(5 * i + 11 * c * c + 1) for c in range(classes)] for i in range(N)])


def labels(classes):
    """Mostly the largest logit, else another class."""
    best = logits(classes).argmax(axis=1)
    return numpy.array([(int(b) + (1 if i % 5 == 0 else 0)) % classes for i, b in enumerate(best)])


def group(i):
    return "abc"[math.floor((math.sin(3 * i) + 1) * 1.4999)]


print("scikit-learn", sklearn.__version__, "scipy", scipy.__version__, "fairlearn", fairlearn.__version__)

for classes in (2, 3):
    z, y = logits(classes), labels(classes)
    p = softmax(z, axis=1)
    nll = lambda t: -log_softmax(z / t, axis=1)[numpy.arange(N), y].mean()
    fitted = minimize_scalar(nll, bounds=(0.05, 20), method="bounded", options={"xatol": 1e-12})
    best, right = p.max(axis=1), p.argmax(axis=1) == y
    edges = numpy.ceil(best * 15)
    error = sum(abs(right[edges == b].sum() - best[edges == b].sum()) for b in set(edges)) / N
    one_hot = numpy.eye(classes)[y]
    brier = ((p - one_hot) ** 2).sum(axis=1).mean() / 2
    if classes == 2:
        assert abs(brier - brier_score_loss(y, p[:, 1])) < 1e-12
    print(json.dumps({
        "classes": classes,
        "error": float(error),
        "brier": float(brier),
        "logLoss": float(log_loss(y, p)),
        "temperature": float(fitted.x),
        "logLossAfter": float(fitted.fun),
        "auc": [float(roc_auc_score(y == c, p[:, c])) for c in range(classes)],
        "averagePrecision": [float(average_precision_score(y == c, p[:, c])) for c in range(classes)],
    }))

# Ties: scores of one digit.
z = numpy.round(softmax(logits(2), axis=1)[:, 1], 1)
y = labels(2)
weights = numpy.array([i % 3 for i in range(N)])
fpr, tpr, _ = roc_curve(y, z, drop_intermediate=False)
precision, recall, _ = precision_recall_curve(y, z)
print(json.dumps({
    "auc": float(roc_auc_score(y, z)),
    "averagePrecision": float(average_precision_score(y, z)),
    "weightedAuc": float(roc_auc_score(y, z, sample_weight=weights)),
    "weightedAveragePrecision": float(average_precision_score(y, z, sample_weight=weights)),
    "roc": [[round(float(a), 6), round(float(b), 6)] for a, b in zip(fpr, tpr)],
    "precisionRecall": [[round(float(a), 6), round(float(b), 6)] for a, b in zip(recall[::-1], precision[::-1])][1:],
}))

y, predicted = labels(2), logits(2).argmax(axis=1)
groups = [group(i) for i in range(N)]
frame = MetricFrame(metrics=accuracy_score, y_true=y, y_pred=predicted, sensitive_features=groups)
print(json.dumps({
    "byGroup": {str(k): float(v) for k, v in frame.by_group.items()},
    "n": {g: groups.count(g) for g in "abc"},
    "difference": float(frame.difference()),
    "ratio": float(frame.ratio()),
    "demographicParity": float(demographic_parity_difference(y, predicted, sensitive_features=groups)),
    "equalizedOdds": float(equalized_odds_difference(y, predicted, sensitive_features=groups)),
}))
