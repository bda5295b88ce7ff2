"""Quantiles of Student's t and intervals of means, by scipy.

    pip install scipy==1.17.1 && python3 tools/oracles/student_interval.py

Prints what packages/core/src/student.test.ts compares with.
"""
import numpy as np
import scipy
from scipy import stats

print("scipy", scipy.__version__)
for freedom in (1, 2, 3, 4, 5, 9, 10, 30, 100, 1001):
    print([freedom, float(stats.t.ppf(0.975, freedom))])
for values in ([0.91, 0.925, 0.913], [4.1, 4.5, 3.9, 4.0, 4.6]):
    low, high = stats.t.interval(0.95, len(values) - 1, loc=np.mean(values), scale=stats.sem(values))
    print(values, float(np.mean(values)), float(np.std(values, ddof=1)), float(low), float(high))
