"""Reference figures for crates/experiments, computed with SciPy and statsmodels.

Run:  python experiments_reference.py > ../../crates/experiments/tests/reference.json
Needs: scipy, statsmodels, mpmath.
"""

import hashlib
import json
import math
import sys

import mpmath
import numpy
import scipy
import statsmodels
from scipy import stats
from statsmodels.stats import proportion

mpmath.mp.dps = 60
CASES = []


def case(function, arguments, **expected):
    kept = {k: float(v) for k, v in expected.items() if v is not None and math.isfinite(float(v))}
    CASES.append({"function": function, "arguments": arguments, "expected": kept})


def newcombe(x2, n2, x1, n1, alpha):
    """Two Wilson intervals of statsmodels, combined as in Newcombe 1998 (method 10)."""
    l1, u1 = proportion.proportion_confint(x1, n1, alpha=alpha, method="wilson")
    l2, u2 = proportion.proportion_confint(x2, n2, alpha=alpha, method="wilson")
    p1, p2 = x1 / n1, x2 / n2
    d = p2 - p1
    return d - math.hypot(p2 - l2, u1 - p1), d + math.hypot(u2 - p2, p1 - l1)


def compare_proportions(n1, x1, n2, x2, confidence):
    alpha = 1 - confidence
    p1, p2 = x1 / n1, x2 / n2
    low, high = proportion.confint_proportions_2indep(x2, n2, x1, n1, method="newcomb", compare="diff", alpha=alpha)
    mine = newcombe(x2, n2, x1, n1, alpha)
    assert math.isclose(low, mine[0], abs_tol=1e-9) and math.isclose(high, mine[1], abs_tol=1e-9), (low, high, mine)
    wald = proportion.confint_proportions_2indep(x2, n2, x1, n1, method="wald", compare="diff", alpha=alpha)
    z = p = None
    if 0 < x1 + x2 < n1 + n2:
        z, p = proportion.proportions_ztest([x2, x1], [n2, n1])
    lift_low = lift_high = None
    if x1 > 0 and x2 > 0:
        ratio = proportion.confint_proportions_2indep(x2, n2, x1, n1, method="log", compare="ratio", alpha=alpha)
        # Near a ratio of 1 the subtraction itself loses digits: only lifts away from 0 are told.
        lift_low, lift_high = (r - 1 if abs(r - 1) > 1e-3 else None for r in ratio)
    expected_smallest = min(x1 + x2, n1 + n2 - x1 - x2) * min(n1, n2) / (n1 + n2)
    fisher = stats.fisher_exact([[x2, n2 - x2], [x1, n1 - x1]])[1] if expected_smallest < 5 else None
    tell = lambda v: v if v is not None and abs(v) > 1e-6 else None
    case(
        "compare_proportions",
        {"control": [n1, x1], "treatment": [n2, x2], "confidence": confidence},
        difference=tell(p2 - p1),
        lift=tell(p2 / p1 - 1) if x1 else None,
        z=z,
        p_value=p,
        p_value_fisher=fisher,
        low=tell(low),
        high=tell(high),
        wald_low=tell(wald[0]),
        wald_high=tell(wald[1]),
        lift_low=lift_low,
        lift_high=lift_high,
    )


def fisher_by_integers(n1, x1, n2, x2):
    """Fisher's exact test with whole numbers: no rounding at all before the last division."""
    drawn = x1 + x2
    weights = {k: math.comb(n1, k) * math.comb(n2, drawn - k) for k in range(max(0, drawn - n2), min(drawn, n1) + 1)}
    return float(mpmath.mpf(sum(w for w in weights.values() if w <= weights[x1])) / mpmath.mpf(sum(weights.values())))


def fisher_exact(n1, x1, n2, x2):
    exact = fisher_by_integers(n1, x1, n2, x2)
    scipys = stats.fisher_exact([[x2, n2 - x2], [x1, n1 - x1]])[1]
    assert math.isclose(exact, scipys, rel_tol=1e-6), (n1, x1, n2, x2, exact, scipys)
    case("fisher_exact", {"control": [n1, x1], "treatment": [n2, x2]}, p_value=exact)


def student_two_sided(t, df):
    """With sixty digits, because SciPy's own tail is good to about 1e-9 for huge degrees of freedom."""
    t, df = mpmath.mpf(t), mpmath.mpf(df)
    return float(mpmath.betainc(df / 2, mpmath.mpf(1) / 2, 0, df / (df + t * t), regularized=True))


def compare_means_values(a, b, confidence):
    result = stats.ttest_ind(b, a, equal_var=False)
    interval = result.confidence_interval(confidence)
    case(
        "compare_means",
        {"control": list(a), "treatment": list(b), "confidence": confidence},
        difference=numpy.mean(b) - numpy.mean(a),
        t=result.statistic,
        df=result.df,
        p_value=result.pvalue,
        low=interval.low,
        high=interval.high,
    )


def compare_means_moments(a, b, confidence):
    (n1, m1, v1), (n2, m2, v2) = a, b
    result = stats.ttest_ind_from_stats(m2, math.sqrt(v2), n2, m1, math.sqrt(v1), n1, equal_var=False)
    e1, e2 = v1 / n1, v2 / n2
    df = (e1 + e2) ** 2 / (e1**2 / (n1 - 1) + e2**2 / (n2 - 1))
    reach = stats.t.ppf(0.5 + confidence / 2, df) * math.sqrt(e1 + e2)
    t = (m2 - m1) / math.sqrt(e1 + e2)
    p = student_two_sided(t, df) if df < 1e7 else result.pvalue
    assert math.isclose(p, result.pvalue, rel_tol=1e-7, abs_tol=1e-280), (a, b, p, result.pvalue)
    case(
        "compare_means",
        {
            "control": {"n": n1, "mean": m1, "variance": v1},
            "treatment": {"n": n2, "mean": m2, "variance": v2},
            "confidence": confidence,
        },
        difference=m2 - m1,
        t=t,
        df=df,
        p_value=p,
        low=m2 - m1 - reach,
        high=m2 - m1 + reach,
    )


def sample_ratio(observed, weights):
    total, weight = sum(observed), sum(weights)
    result = stats.chisquare(observed, [total * w / weight for w in weights])
    half, df = mpmath.mpf(result.statistic) / 2, len(observed) - 1
    p = float(mpmath.gammainc(mpmath.mpf(df) / 2, half, regularized=True))
    assert math.isclose(p, result.pvalue, rel_tol=1e-9, abs_tol=1e-300)
    case("sample_ratio_mismatch", {"observed": observed, "weights": weights}, chi_square=result.statistic, p_value=p)


def power(n1, p1, n2, p2, confidence):
    result = proportion.power_proportions_2indep(
        p2 - p1, p1, n2, ratio=n1 / n2, alpha=1 - confidence, alternative="two-sided", return_results=True
    )
    case(
        "power_of_proportions",
        {"control": [n1, p1], "treatment": [n2, p2], "confidence": confidence},
        power=result.power,
    )


def sample_size(p1, p2, confidence, wanted):
    n = proportion.samplesize_proportions_2indep_onetail(
        p2 - p1, p1, wanted, ratio=1, alpha=(1 - confidence) / 2, value=0, alternative="larger" if p2 > p1 else "smaller"
    )
    case(
        "required_sample_size",
        {"control_rate": p1, "treatment_rate": p2, "confidence": confidence, "power": wanted},
        people=math.ceil(n),
    )


def main():
    for confidence in (0.9, 0.95, 0.99):
        for group in [
            (80, 48, 70, 56), (10, 3, 10, 9), (20, 0, 10, 0), (10, 0, 10, 10), (1000, 52, 1013, 70),
            (44700, 20034, 45489, 20119), (44700, 8502, 45489, 8279), (21306, 2262, 21307, 3894),
            (21306, 122, 21387, 189), (1, 0, 1, 1), (1, 1, 1, 0), (3, 1, 7, 2), (5, 5, 9, 8), (100, 0, 100, 3),
            (100, 97, 100, 100), (50, 1, 5000, 130), (1000000, 50000, 1000000, 50500), (1000000, 3, 1000000, 9),
            (10**9, 5 * 10**7, 10**9, 50010000), (10**12, 10**9, 10**12, 1000100000), (250, 125, 250, 125),
            (10000, 9990, 10000, 9970), (7, 0, 100000, 4), (100000, 40000, 100000, 44000),
        ]:
            compare_proportions(*group, confidence)
    random = numpy.random.default_rng(20261122)
    for _ in range(60):
        n1, n2 = (int(10 ** random.uniform(0.5, 5)) for _ in range(2))
        compare_proportions(n1, int(random.binomial(n1, random.uniform(0, 0.6))), n2, int(random.binomial(n2, random.uniform(0, 0.6))), 0.95)
    for group in [
        (4, 3, 4, 1), (10, 3, 10, 9), (12, 5, 9, 1), (100, 2, 100, 9), (1000, 1, 1000, 9), (7, 0, 100000, 4),
        (5, 5, 5, 0), (20, 10, 20, 10), (200, 40, 150, 60), (3000, 15, 2500, 31), (40, 0, 60, 0), (40, 40, 60, 60),
        (1000, 500, 1000, 400), (33, 7, 91, 44), (2, 1, 3, 2),
    ]:
        fisher_exact(*group)
    for _ in range(40):
        n1, n2 = (int(random.integers(1, 400)) for _ in range(2))
        fisher_exact(n1, int(random.integers(0, n1 + 1)), n2, int(random.integers(0, n2 + 1)))
    for size1, size2, spread1, spread2, shift in [
        (5, 5, 1, 1, 0.3), (12, 30, 2, 9, 1.5), (100, 80, 10, 3, -2), (2, 2, 1, 5, 1), (40, 3, 0.1, 30, 5), (300, 300, 50, 60, 12),
    ]:
        a = [round(v, 4) for v in random.normal(20, spread1, size1)]
        b = [round(v, 4) for v in random.normal(20 + shift, spread2, size2)]
        compare_means_values(a, b, 0.95)
    compare_means_values([round(v, 2) for v in random.lognormal(3, 1.5, 60)], [round(v, 2) for v in random.lognormal(3.4, 1.2, 70)], 0.99)
    for a, b in [
        ((30, 10.0, 4.0), (40, 11.5, 9.0)), ((2, 1.0, 1.0), (2, 3.0, 2.0)), ((1000, 5.0, 100.0), (900, 6.0, 130.0)),
        ((21306, 0.6528, 135.2), (21307, 1.4226, 332.9)), ((10**6, 50.0, 2500.0), (10**6, 50.2, 2600.0)),
        ((500, 1e9, 4.0), (500, 1e9 + 1, 9.0)), ((10, 0.001, 1e-8), (12, 0.0012, 2e-8)), ((3, 0.0, 1.0), (5000, 4.0, 1.0)),
        ((10**8, 100.0, 10000.0), (10**8, 100.01, 10000.0)), ((5000, 7.0, 3.0), (6000, 7.1, 3.3)), ((8000, 7.0, 3.0), (9000, 7.9, 3.3)), ((50, 10.0, 1.0), (50, 20.0, 1.0)),
    ]:
        for confidence in (0.9, 0.99):
            compare_means_moments(a, b, confidence)
    for observed, weights in [
        ([44700, 45489], [1, 1]), ([21306, 21307, 21387], [1, 1, 1]), ([5, 5], [1, 1]), ([10, 0], [1, 1]), ([100, 900], [10, 90]),
        ([90, 910], [10, 90]), ([1000, 2000, 3100], [1, 2, 3]), ([10**9, 10**9 + 10**5], [1, 1]), ([250, 260, 240, 230, 270], [1] * 5),
        ([3, 1, 4, 1, 5, 9, 2, 6], [1] * 8), ([700, 300], [1, 1]), ([50000, 50600], [50, 50]), ([1, 2], [1, 2]),
    ]:
        sample_ratio(observed, weights)
    for p1, p2 in [(0.05, 0.06), (0.6, 0.7), (0.01, 0.012), (0.5, 0.45), (0.2, 0.1), (0.001, 0.002), (0.9, 0.93)]:
        for confidence, wanted in [(0.95, 0.8), (0.99, 0.9)]:
            sample_size(p1, p2, confidence, wanted)
        for n1, n2 in [(1000, 1000), (500, 4500), (20000, 20000)]:
            power(n1, p1, n2, p2, 0.95)
    source = f"SciPy {scipy.__version__}, statsmodels {statsmodels.__version__}, mpmath {mpmath.__version__}"
    lines = ",\n".join(json.dumps(c, ensure_ascii=False) for c in CASES)
    print(f'{{"source": {json.dumps(source)}, "cases": [\n{lines}\n]}}')


def assignments(seed="exp_1", weights=(50, 30, 20), units=12):
    """The split of `assign`, to pin it: printed by `--assignments`."""
    arms = []
    for n in range(units):
        unit = f"per_{n}"
        data = b"".join(len(p).to_bytes(8, "big") + p for p in (seed.encode(), unit.encode()))
        point = int.from_bytes(hashlib.sha256(data).digest()[:8], "big") * sum(weights) >> 64
        arm = 0
        while point >= weights[arm]:
            point -= weights[arm]
            arm += 1
        arms.append(arm)
    return arms


if __name__ == "__main__":
    if "--assignments" in sys.argv:
        print(assignments())
    else:
        main()
