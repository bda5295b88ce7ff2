"""Reference values for packages/models/src/classifier/heads-ordered.test.ts.

Minimises the penalised likelihood of the adjacent-categories logit model with scores by scipy's BFGS in float64, from
the formula as written.

Run: python3 ordered_logistic.py (numpy 2, scipy 1.15 or newer)
"""

import numpy as np
from scipy.optimize import minimize

X = np.array([[0.2, 1.0], [1.1, -0.3], [0.5, 0.4], [1.9, 0.1], [2.4, -1.2], [1.4, 1.5], [3.1, 0.3], [2.2, 0.9]])
LABELS = np.array([0, 0, 1, 1, 2, 1, 2, 2])
CENTRES = np.array([10.0, 25.0, 70.0])
PENALTY = 0.1

values = CENTRES[LABELS]
scores = (CENTRES - values.mean()) / values.std()


def objective(point):
    along = X @ point[:2]
    logits = along[:, None] * scores + point[2:]
    logits -= logits.max(1, keepdims=True)
    log_p = logits - np.log(np.exp(logits).sum(1, keepdims=True))
    slope = (np.exp(log_p) - np.eye(3)[LABELS]) / len(X)
    gradient = np.concatenate([X.T @ (slope @ scores) + PENALTY * point[:2], slope.sum(0)])
    loss = -log_p[np.arange(len(X)), LABELS].mean() + PENALTY / 2 * (point[:2] ** 2).sum()
    return loss, gradient


found = minimize(objective, np.zeros(5), jac=True, method="BFGS", options={"gtol": 1e-12, "maxiter": 10000})
logits = (X @ found.x[:2])[:, None] * scores + found.x[2:]
p = np.exp(logits - logits.max(1, keepdims=True))
p /= p.sum(1, keepdims=True)
print("loss", repr(float(found.fun)))
print("direction", found.x[:2].tolist())
print("expected", (p @ CENTRES).tolist())
