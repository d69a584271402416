"""Expected figures of the checks of a trained model, by scikit-learn, SciPy and NumPy.

Run in this directory: python3 make_model_checks.py. Writes model_checks.json.
"""
import json
import math

import numpy as np
import scipy
import sklearn
from scipy import stats
from sklearn import metrics
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

rng = np.random.default_rng(20240501)


def r(values, digits=6):
    return np.round(np.asarray(values, float), digits)


def softmax(z):
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def f1(y, p, w=None):
    return metrics.f1_score(y, p, average="macro", sample_weight=w, zero_division=0)


def ece(y, p, w, bins):
    index = np.digitize(p, np.linspace(0, 1, bins + 1)[1:-1], right=True)
    total = 0.0
    for b in range(bins):
        m = index == b
        if m.any():
            total += w[m].sum() * abs(np.average(y[m], weights=w[m]) - np.average(p[m], weights=w[m]))
    return total / w.sum()


def cramer_v(a, b, rare=0.01):
    """Bias-corrected (Bergsma 2013), of a table whose two rows are scaled to weigh the same; rare categories together."""
    counts = np.array([a, b], float)
    shares = counts / counts.sum(axis=1, keepdims=True)
    small = shares.mean(axis=0) < rare
    if small.any():
        shares = np.column_stack([shares[:, ~small], shares[:, small].sum(axis=1)])
    shares = shares[:, shares.sum(axis=0) > 0]
    n = 4 * counts[0].sum() * counts[1].sum() / counts.sum()
    phi2 = stats.chi2_contingency(shares * n / 2, correction=False)[0] / n
    rows, columns = shares.shape
    phi2 = max(0, phi2 - (rows - 1) * (columns - 1) / (n - 1))
    rows, columns = rows - (rows - 1) ** 2 / (n - 1), columns - (columns - 1) ** 2 / (n - 1)
    return math.sqrt(phi2 / min(rows - 1, columns - 1))


class SplitMix64:
    def __init__(self, seed):
        self.state = seed

    def next(self):
        mask = 2**64 - 1
        self.state = (self.state + 0x9E3779B97F4A7C15) & mask
        z = self.state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & mask
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & mask
        return z ^ (z >> 31)

    def below(self, bound):
        product = self.next() * bound
        if product % 2**64 < bound:
            while product % 2**64 < (2**64 - bound) % bound:
                product = self.next() * bound
        return product >> 64


def binary():
    def part(n, shift):
        y = (rng.random(n) < 0.3).astype(int)
        p = r(1 / (1 + np.exp(-(1.6 * y - 1.1 + shift + rng.normal(0, 1, n)))))
        return y, p, r(rng.uniform(0.2, 3, n), 3)

    (y0, p0, w0), (y1, p1, w1) = part(300, 0.0), part(200, 0.7)
    out = {"train": {"y": y0, "p": p0, "w": w0}, "test": {"y": y1, "p": p1, "w": w1}}
    for name, a, b in [("plain", None, None), ("weighted", w0, w1)]:
        e = {}
        for part_name, y, p, w in [("train", y0, p0, a), ("test", y1, p1, b)]:
            c = (p > 0.5).astype(int)
            ones = np.ones(len(y)) if w is None else w
            e[part_name] = {
                "accuracy": metrics.accuracy_score(y, c, sample_weight=w), "f1_macro": f1(y, c, w), "roc_auc": metrics.roc_auc_score(y, p, sample_weight=w),
                "log_loss": metrics.log_loss(y, p, sample_weight=w), "brier": metrics.brier_score_loss(y, p, sample_weight=w), "ece": ece(y, p, ones, 10),
                "precision": metrics.precision_score(y, c, average=None, sample_weight=w), "recall": metrics.recall_score(y, c, average=None, sample_weight=w),
                "f1": metrics.f1_score(y, c, average=None, sample_weight=w), "confusion": metrics.confusion_matrix(y, c),
            }
        dummy = DummyClassifier(strategy="prior").fit(np.zeros((300, 1)), y0, sample_weight=a)
        simple = f1(y1, dummy.predict(np.zeros((200, 1))), b)
        e["simple_f1"] = simple
        e["gain"] = (e["test"]["f1_macro"] - simple) / (1 - simple)
        out[name] = e
    out["ks"] = stats.ks_2samp(p0, p1).statistic
    return out


def multiclass():
    def part(n, tilt):
        y = rng.choice(3, n, p=[0.5, 0.3, 0.2])
        z = rng.normal(0, 1, (n, 3))
        z[np.arange(n), y] += 1.2
        z[:, 2] += tilt
        p = r(softmax(z))
        return y, p

    (y0, p0), (y1, p1) = part(250, 0.0), part(180, 1.0)
    c0, c1 = p0.argmax(axis=1), p1.argmax(axis=1)
    return {
        "train": {"y": y0, "p": p0}, "test": {"y": y1, "p": p1},
        "auc": [metrics.roc_auc_score(y1 == k, p1[:, k]) for k in range(3)],
        "brier": [metrics.brier_score_loss(y1 == k, p1[:, k]) for k in range(3)],
        "drift": cramer_v(np.bincount(c0, minlength=3), np.bincount(c1, minlength=3)),
        "confusion": metrics.confusion_matrix(y1, c1), "f1_macro": f1(y1, c1), "accuracy": metrics.accuracy_score(y1, c1),
        "simple_f1": f1(y1, DummyClassifier(strategy="prior").fit(np.zeros((250, 1)), y0).predict(np.zeros((180, 1)))),
    }


def regression():
    def part(n, noise, bias):
        y = r(rng.gamma(3, 2, n))
        p = r(y + bias + rng.laplace(0, noise, n))
        return y, p, r(rng.uniform(0.2, 3, n), 3)

    (y0, p0, w0), (y1, p1, w1) = part(300, 0.8, 0.0), part(200, 1.0, 0.4)
    out = {"train": {"y": y0, "p": p0, "w": w0}, "test": {"y": y1, "p": p1, "w": w1}}
    for name, a, b in [("plain", None, None), ("weighted", w0, w1)]:
        e = {}
        for part_name, y, p, w in [("train", y0, p0, a), ("test", y1, p1, b)]:
            e[part_name] = {"rmse": math.sqrt(metrics.mean_squared_error(y, p, sample_weight=w)), "mae": metrics.mean_absolute_error(y, p, sample_weight=w), "r2": metrics.r2_score(y, p, sample_weight=w)}
        dummy = DummyRegressor(strategy="mean").fit(np.zeros((300, 1)), y0, sample_weight=a)
        e["simple_rmse"] = math.sqrt(metrics.mean_squared_error(y1, dummy.predict(np.zeros((200, 1))), sample_weight=b))
        e["gain"] = 1 - e["test"]["rmse"] / e["simple_rmse"]
        errors = p1 - y1
        weights = np.ones(200) if b is None else b
        deviation = errors - np.average(errors, weights=weights)
        e["bias"] = np.average(errors, weights=weights)
        e["kurtosis"] = np.average(deviation**4, weights=weights) / np.average(deviation**2, weights=weights) ** 2 - 3
        e["bias_standard_error"] = math.sqrt(np.average(deviation**2, weights=weights) * (weights**2).sum()) / weights.sum()
        if b is None:
            assert abs(e["bias_standard_error"] - np.std(errors) / math.sqrt(200)) < 1e-12
            assert abs(e["kurtosis"] - stats.kurtosis(errors)) < 1e-12
        out[name] = e
    out["ks"] = stats.ks_2samp(p0, p1).statistic
    return out


def trees():
    n = 240
    x = r(rng.normal(0, 1, (n, 2)), 4)
    t = r(np.where((x[:, 0] > 0.4) & (x[:, 1] < 0.2), 2.0, 0.3) + rng.normal(0, 0.2, n))
    w = r(rng.uniform(0.2, 3, n), 3)
    k = rng.choice(3, n, p=[0.4, 0.35, 0.25])
    k = np.where(x[:, 1] > 0.8, 2, k)
    plain = DecisionTreeRegressor(max_depth=3, min_samples_leaf=12, random_state=0).fit(x, t)
    weighted = DecisionTreeRegressor(max_depth=3, min_samples_leaf=12, random_state=0).fit(x, t, sample_weight=w)
    gini = DecisionTreeClassifier(max_depth=3, min_samples_leaf=5, random_state=0).fit(x, k)
    return {"x": x, "t": t, "w": w, "k": k, "plain": plain.predict(x), "weighted": weighted.predict(x), "gini": gini.predict_proba(x)}


def segments():
    """The weakest leaf of trees over one column and over two, by accuracy; leaves of a tree over two count only where both were split."""
    n = 400
    x = r(rng.normal(0, 1, (n, 2)), 4)
    weak = (x[:, 0] > 0.5) & (x[:, 1] > 0.1)
    y = (rng.random(n) < 0.5).astype(int)
    p = r(np.where(weak, rng.uniform(0.2, 0.8, n), np.where(y == 1, rng.uniform(0.55, 0.99, n), rng.uniform(0.01, 0.45, n))))
    c = (p > 0.5).astype(int)
    loss = -np.log(np.where(y == 1, p, 1 - p))
    least = max(10, math.ceil(0.05 * n))
    worst = (2.0, 0)
    for columns in [[0], [1], [0, 1]]:
        fitted = DecisionTreeRegressor(max_depth=3, min_samples_leaf=least, random_state=0).fit(x[:, columns], loss)
        leaves, tree = fitted.apply(x[:, columns]), fitted.tree_
        for leaf in np.unique(leaves):
            path, node = set(), leaf
            while node != 0:
                parent = next(i for i in range(tree.node_count) if node in (tree.children_left[i], tree.children_right[i]))
                path.add(tree.feature[parent])
                node = parent
            if len(path) < len(columns):
                continue
            m = leaves == leaf
            worst = min(worst, ((y == c)[m].mean(), int(m.sum())))
    return {"x": x, "y": y, "p": p, "average": (y == c).mean(), "weakest": worst[0], "rows": worst[1]}


def single_tree():
    def part(n):
        x = r(rng.normal(0, 1, (n, 2)), 4)
        y = (rng.random(n) < 1 / (1 + np.exp(-(2.2 * x[:, 0] + 0.7 * x[:, 1])))).astype(int)
        p = r(1 / (1 + np.exp(-(2.2 * x[:, 0] + 0.7 * x[:, 1]))))
        return x, y, p

    (x0, y0, p0), (x1, y1, p1) = part(300), part(200)
    best = None
    for column in range(2):
        tree = DecisionTreeClassifier(max_depth=3, random_state=0).fit(x0[:, [column]], y0)
        score = f1(y0, tree.predict(x0[:, [column]]))
        if best is None or score > best[0]:
            best = (score, column, f1(y1, tree.predict(x1[:, [column]])))
    own = f1(y1, (p1 > 0.5).astype(int))
    return {"train": {"x": x0, "y": y0, "p": p0}, "test": {"x": x1, "y": y1, "p": p1}, "column": best[1], "simple_f1": best[2], "f1_macro": own, "gain": (own - best[2]) / (1 - best[2])}


def permutation():
    """Regression 2a + b/2; c is an input of weight 0, d none. Shuffled as the check does, with seeds 7, 8 and 9."""
    n = 120
    x = r(rng.normal(0, 1, (n, 4)), 4)
    y = r(2 * x[:, 0] + 0.5 * x[:, 1] + rng.normal(0, 0.3, n), 5)
    rmse = lambda z: math.sqrt(np.mean((2 * z[:, 0] + 0.5 * z[:, 1] - y) ** 2))
    importances = []
    for column in range(4):
        total = 0.0
        for repeat in range(3):
            order, random = list(range(n)), SplitMix64(7 + repeat)
            for i in range(n - 1, 0, -1):
                j = random.below(i + 1)
                order[i], order[j] = order[j], order[i]
            shuffled = x.copy()
            shuffled[:, column] = x[order, column]
            total += (rmse(shuffled) - rmse(x)) / 3
        importances.append(total)
    return {"x": x, "y": y, "importances": importances}


def plain(value):
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(inner) for inner in value]
    if isinstance(value, np.ndarray):
        return value.tolist()
    return value.item() if isinstance(value, np.generic) else value


figures = {
    "made_with": {"numpy": np.__version__, "scipy": scipy.__version__, "scikit-learn": sklearn.__version__},
    "binary": binary(), "multiclass": multiclass(), "regression": regression(), "trees": trees(), "segments": segments(), "single_tree": single_tree(), "permutation": permutation(),
}
with open("model_checks.json", "w", encoding="utf-8") as file:
    json.dump(plain(figures), file, separators=(",", ":"))
    file.write("\n")
