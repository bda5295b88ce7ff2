"""Exact McNemar tests and Holm's correction, by scipy and statsmodels.

    pip install scipy==1.17.1 statsmodels==0.15.0 && python3 tools/oracles/paired_tests.py

Prints what packages/core/src/mcnemar.test.ts compares with.
"""
import scipy
import statsmodels
from scipy.stats import binomtest
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests

print("scipy", scipy.__version__, "statsmodels", statsmodels.__version__)
for first, second in ((1, 5), (10, 25), (0, 7), (40, 40), (900, 1100)):
    p = binomtest(min(first, second), first + second, 0.5).pvalue
    assert abs(p - mcnemar([[0, first], [second, 0]], exact=True).pvalue) < 1e-12
    print([first, second, p])
for ps in ([0.01, 0.04, 0.03, 0.005], [0.2, 0.001, 0.2, 0.9, 0.04]):
    print(ps, [float(p) for p in multipletests(ps, method="holm")[1]])
