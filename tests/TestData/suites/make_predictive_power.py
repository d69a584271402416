"""Writes predictive_power_golden.json: predictive power scores by the trees, folds and metrics of scikit-learn.

The definition is that of ppscore 1.1 (F. Wetschoreck, T. Krabel, S. Krishnamurthy, 2020), with the expected F1 of drawn classes as one of the naive
baselines. Rows are shuffled by SplitMix64 with seed 0 and a Fisher-Yates walk from the last row; bounded numbers by D. Lemire's method.
"""
import csv, json, os
import numpy as np
import sklearn
from sklearn.metrics import f1_score, mean_absolute_error
from sklearn.model_selection import KFold, StratifiedKFold, cross_val_score
from sklearn.preprocessing import LabelEncoder, OneHotEncoder
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

HERE = os.path.dirname(os.path.abspath(__file__))
FILES = {
    "credit.csv": os.path.join(HERE, "..", "credit.csv"),
    "churn.csv": os.path.join(HERE, "..", "churn.csv"),
    "chicago.csv": os.path.join(HERE, "..", "..", "..", "samples", "data", "chicago.csv"),
}
CASES = {
    "credit.csv": [("Status", "class"), ("Price", "number"), ("Job", "class"), ("Age", "class")],
    "churn.csv": [("churn", "class"), ("total_day_charge", "number"), ("area_code", "class")],
    "chicago.csv": [("ridership", "number")],
}
MASK = (1 << 64) - 1


class SplitMix64:
    def __init__(self, seed):
        self.state = seed

    def next(self):
        self.state = (self.state + 0x9E3779B97F4A7C15) & MASK
        z = self.state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        return z ^ (z >> 31)

    def below(self, bound):
        product = self.next() * bound
        if product & MASK < bound:
            threshold = (1 << 64) % bound
            while product & MASK < threshold:
                product = self.next() * bound
        return product >> 64


def read(path):
    with open(path, newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))
    columns = {}
    for i, name in enumerate(rows[0]):
        texts = [None if row[i] in ("", "NA") else row[i] for row in rows[1:]]
        try:
            columns[name] = [None if text is None else float(text) for text in texts]
        except ValueError:
            columns[name] = texts
    return columns


def score(x, y, kind):
    rows = [i for i in range(len(x)) if x[i] is not None and y[i] is not None]
    random = SplitMix64(0)
    for i in range(len(rows) - 1, 0, -1):
        j = random.below(i + 1)
        rows[i], rows[j] = rows[j], rows[i]
    rows = rows[:5000]
    x, y = [x[i] for i in rows], [y[i] for i in rows]
    if isinstance(x[0], str):
        features = OneHotEncoder().fit_transform(np.array(x, dtype=object).reshape(-1, 1))
    else:
        features = np.array(x).reshape(-1, 1)
    if kind == "class":
        labels = LabelEncoder().fit_transform(np.array(y))
        model = np.mean(cross_val_score(DecisionTreeClassifier(random_state=0), features, labels, cv=StratifiedKFold(4), scoring="f1_weighted"))
        counts = np.bincount(labels)
        naive = max(f1_score(labels, np.full(len(labels), counts.argmax()), average="weighted"), float(np.sum((counts / len(labels)) ** 2)))
        return max(0.0, (model - naive) / (1 - naive))
    labels = np.array(y)
    model = -np.mean(cross_val_score(DecisionTreeRegressor(random_state=0), features, labels, cv=KFold(4), scoring="neg_mean_absolute_error"))
    return max(0.0, 1 - model / mean_absolute_error(labels, np.full(len(labels), np.median(labels))))


result = {"sklearn": sklearn.__version__, "scores": []}
for file, labels in CASES.items():
    columns = read(FILES[file])
    for label, kind in labels:
        for feature in columns:
            if feature in (label, "date"):
                continue
            result["scores"].append({"file": file, "feature": feature, "label": label, "kind": kind, "score": float(score(columns[feature], columns[label], kind))})

with open(os.path.join(HERE, "predictive_power_golden.json"), "w", encoding="utf-8", newline="\n") as file:
    file.write('{"sklearn": "%s", "scores": [\n' % result["sklearn"])
    file.write(",\n".join("  " + json.dumps(item) for item in result["scores"]))
    file.write("\n]}\n")
