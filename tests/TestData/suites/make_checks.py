"""Writes checks_golden.json: correlations and local outlier probabilities (LoOP) of rows of churn.csv and credit.csv, by NumPy and SciPy."""
import csv, json, os
import numpy as np
from scipy import stats
from scipy.special import erf

HERE = os.path.dirname(os.path.abspath(__file__))


def read(name):
    with open(os.path.join(HERE, "..", name), newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))
    columns = {}
    for i, column in enumerate(rows[0]):
        texts = [None if row[i] in ("", "NA") else row[i] for row in rows[1:]]
        try:
            columns[column] = np.array([np.nan if text is None else float(text) for text in texts])
        except ValueError:
            columns[column] = texts
    return columns


def spearman(a, b):
    ranks = []
    for values in (a, b):
        rank = np.full(len(values), np.nan)
        rank[~np.isnan(values)] = stats.rankdata(values[~np.isnan(values)])
        ranks.append(rank)
    both = ~np.isnan(ranks[0]) & ~np.isnan(ranks[1])
    return abs(np.corrcoef(ranks[0][both], ranks[1][both])[0, 1])


def ratio(categories, values):
    both = [i for i in range(len(values)) if categories[i] is not None and not np.isnan(values[i])]
    y, c = values[both], np.array([categories[i] for i in both])
    between = sum((c == name).sum() * (y[c == name].mean() - y.mean()) ** 2 for name in set(c))
    return float(np.sqrt(between / ((y - y.mean()) ** 2).sum()))


def uncertainty(a, b):
    pairs = [(x, y) for x, y in zip(a, b) if x is not None and y is not None]
    entropy = lambda items: stats.entropy(np.unique(items, return_counts=True)[1])
    x, y, xy = entropy([p[0] for p in pairs]), entropy([p[1] for p in pairs]), entropy([p[0] + "\0" + p[1] for p in pairs])
    return 2 * (x + y - xy) / (x + y)


def loop(columns, rows, neighbours, extent):
    total, weight = np.zeros((rows, rows)), np.zeros((rows, rows))
    for values in columns.values():
        values = values[:rows]
        if isinstance(values, list):
            present = np.array([value is not None for value in values])
            codes = np.array(["" if value is None else value for value in values])
            distance = (codes[:, None] != codes[None, :]).astype(float)
        else:
            present = ~np.isnan(values)
            filled = np.where(present, values, 0)
            distance = np.abs(filled[:, None] - filled[None, :]) / (np.nanmax(values) - np.nanmin(values))
        both = present[:, None] & present[None, :]
        total += np.where(both, distance, 0)
        weight += both
    distances = np.where(weight > 0, total / np.maximum(weight, 1), 1)
    np.fill_diagonal(distances, np.inf)
    nearest = np.argsort(distances, axis=1, kind="stable")[:, :neighbours]
    spread = extent * np.sqrt((np.take_along_axis(distances, nearest, axis=1) ** 2).mean(axis=1))
    factors = spread / spread[nearest].mean(axis=1) - 1
    scale = extent * np.sqrt((factors ** 2).mean())
    return np.maximum(0, erf(factors / (scale * np.sqrt(2))))


credit, churn = read("credit.csv"), read("churn.csv")
result = {"spearman": [], "ratio": [], "uncertainty": [], "loop": []}
for a, b in [("Amount", "Price"), ("Seniority", "Age"), ("Income", "Expenses"), ("Assets", "Debt"), ("Time", "Amount")]:
    result["spearman"].append({"a": a, "b": b, "value": float(spearman(credit[a], credit[b]))})
for a, b in [("Job", "Income"), ("Status", "Seniority"), ("Home", "Assets"), ("Marital", "Age")]:
    result["ratio"].append({"a": a, "b": b, "value": ratio(credit[a], credit[b])})
for a, b in [("Home", "Marital"), ("Job", "Status"), ("Records", "Status")]:
    result["uncertainty"].append({"a": a, "b": b, "value": float(uncertainty(credit[a], credit[b]))})
for file, columns, rows, neighbours in [("churn.csv", churn, 600, 6), ("credit.csv", credit, 500, 20)]:
    result["loop"].append({"file": file, "rows": rows, "neighbours": neighbours, "extent": 3, "values": [float(value) for value in loop(columns, rows, neighbours, 3)]})

with open(os.path.join(HERE, "checks_golden.json"), "w", encoding="utf-8", newline="\n") as file:
    json.dump(result, file, indent=None, separators=(",", ": "))
    file.write("\n")
