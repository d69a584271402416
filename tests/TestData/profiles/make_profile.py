"""Writes profile_golden.json: figures of credit.csv and chicago.csv by NumPy and SciPy."""
import csv, json, os
import numpy as np
from scipy import stats

HERE = os.path.dirname(os.path.abspath(__file__))
FILES = {"credit.csv": os.path.join(HERE, "..", "credit.csv"), "chicago.csv": os.path.join(HERE, "..", "..", "..", "samples", "data", "chicago.csv")}


def number(text):
    return float("nan") if text in ("", "NA") else float(text)


def read(path):
    with open(path, newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))
    columns = {}
    for i, name in enumerate(rows[0]):
        texts = [row[i] for row in rows[1:]]
        try:
            columns[name] = np.array([number(text) for text in texts])
        except ValueError:
            columns[name] = [None if text in ("", "NA") else text for text in texts]
    return columns


result = {}
for file, path in FILES.items():
    columns = read(path)
    figures, numeric = {}, {}
    for name, values in columns.items():
        if isinstance(values, list):
            present = [value for value in values if value is not None]
            counts = {value: present.count(value) for value in set(present)}
            top = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:5]
            figures[name] = {"missing": len(values) - len(present), "distinct": len(counts), "top": top,
                             "length_min": min(map(len, present)), "length_mean": float(np.mean([len(v) for v in present])), "length_max": max(map(len, present))}
            continue
        numeric[name] = values
        present = values[~np.isnan(values)]
        figures[name] = {
            "missing": int(np.isnan(values).sum()), "distinct": len(np.unique(present)), "mean": float(present.mean()), "std": float(present.std()), "sum": float(present.sum()),
            "skewness": float(stats.skew(present)), "kurtosis": float(stats.kurtosis(present)), "min": float(present.min()), "max": float(present.max()),
            "zeros": int((present == 0).sum()), "negatives": int((present < 0).sum()), "median": float(np.median(present))}
    correlations = []
    names = list(numeric)[:12]
    for i, a in enumerate(names):
        for b in names[:i]:
            both = ~np.isnan(numeric[a]) & ~np.isnan(numeric[b])
            correlations.append([a, b, float(np.corrcoef(numeric[a][both], numeric[b][both])[0, 1]), int(both.sum())])
    result[file] = {"rows": len(next(iter(columns.values()))), "columns": figures, "correlations": correlations}

with open(os.path.join(HERE, "profile_golden.json"), "w", encoding="utf-8") as file:
    json.dump(result, file, indent=1, ensure_ascii=False)
