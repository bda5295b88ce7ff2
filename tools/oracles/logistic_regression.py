"""Weights and probabilities of scikit-learn's LogisticRegression on numbers that the test makes too.

    pip install scikit-learn==1.9.1 && python3 tools/oracles/logistic_regression.py

Prints what packages/models/src/classifier/logistic-regression.test.ts compares with.
"""
import json
import math

import numpy
import sklearn
from sklearn.linear_model import LogisticRegression

ROWS, COLUMNS = 60, 5


def data():
    return numpy.array(
        [[math.sin(7 * i + 13 * j * j + 1) for j in range(COLUMNS)] for i in range(ROWS)],
        dtype=numpy.float32,
    ).astype(numpy.float64)


def labels(classes):
    return [math.floor((math.sin(7 * i + 1) + math.cos(5 * i) + 2) / 4 * classes * 0.999) for i in range(ROWS)]


def fit(classes, penalty, class_weight=None):
    x, y = data(), labels(classes)
    c = 1 / (penalty * sum(1 if class_weight is None else class_weight[each] for each in y))
    model = LogisticRegression(C=c, tol=1e-10, max_iter=10000, class_weight=class_weight)
    model.fit(x, y)
    return {
        "classes": classes,
        "penalty": penalty,
        "weights": [[round(float(w), 8) for w in row] for row in numpy.c_[model.coef_, model.intercept_]],
        "probabilities": [[round(float(p), 8) for p in row] for row in model.predict_proba(x[:3])],
    }


print("scikit-learn", sklearn.__version__)
for case in (fit(2, 0.01), fit(2, 0.1, {0: 2, 1: 0.5}), fit(3, 0.003)):
    print(json.dumps(case))
