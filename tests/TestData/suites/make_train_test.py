"""Makes train_test_golden.json: what pandas, SciPy and scikit-learn measure of two datasets, for the tests of the train-test checks.

Rows of the two files go to the test set when (37 * row + 11) % 100 < 25; a second pair has its test set changed. Run in this directory.
"""
import json

import numpy as np
import pandas as pd
import scipy
import sklearn
from scipy.stats import chi2_contingency, ks_2samp
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.model_selection import StratifiedKFold
from sklearn.metrics import roc_auc_score


def cut(data):
    test = (37 * np.arange(len(data)) + 11) % 100 < 25
    return data[~test].reset_index(drop=True), data[test].reset_index(drop=True)


def cramers_v(train, test):
    """Bias-corrected V (Bergsma 2013) of a table whose two rows weigh the same; categories below a mean share of 1 % together."""
    values = sorted(set(train.dropna()) | set(test.dropna()))
    counts = np.array([[(part == value).sum() for value in values] for part in (train, test)], dtype=float)
    shares = counts / counts.sum(axis=1, keepdims=True)
    rare = shares.mean(axis=0) < 0.01
    shares = np.column_stack([shares[:, ~rare], shares[:, rare].sum(axis=1)] if rare.any() else [shares])
    n = 4 * counts[0].sum() * counts[1].sum() / counts.sum()
    table = shares * n / 2
    phi2 = chi2_contingency(table, correction=False)[0] / n
    k = table.shape[1]
    phi2 = max(0, phi2 - (k - 1) / (n - 1))
    return float(np.sqrt(phi2 / min(k - (k - 1) ** 2 / (n - 1) - 1, 2 - 1 / (n - 1) - 1)))


def drifts(train, test):
    result = {}
    for name in train.columns:
        a, b = train[name].dropna(), test[name].dropna()
        result[name] = float(ks_2samp(a, b).statistic) if pd.api.types.is_numeric_dtype(a) else cramers_v(a, b)
    return result


def domain_auc(train, test):
    joined = pd.concat([train, test], ignore_index=True)
    for name in joined.columns:
        if joined[name].dtype == object:
            joined[name] = joined[name].astype("category").cat.codes.replace(-1, np.nan)
    y = np.r_[np.zeros(len(train)), np.ones(len(test))]
    categorical = [i for i, name in enumerate(train.columns) if train[name].dtype == object]
    areas = []
    for learned, judged in StratifiedKFold(5, shuffle=True, random_state=0).split(joined, y):
        model = HistGradientBoostingClassifier(max_depth=3, max_iter=40, learning_rate=0.2, l2_regularization=1, categorical_features=categorical, early_stopping=False)
        model.fit(joined.iloc[learned], y[learned])
        areas.append(roc_auc_score(y[judged], model.predict_proba(joined.iloc[judged])[:, 1]))
    return float(np.mean(areas))


def describe(train, test, label):
    features = [name for name in train.columns if name != label]
    rows = set(map(tuple, train.astype(object).where(train.notna(), None).values))
    by_features = {}
    for row in train.astype(object).where(train.notna(), None).to_dict("records"):
        by_features.setdefault(tuple(row[name] for name in features), set()).add(row[label])
    mixed, repeated, contradicting = 0, 0, 0
    for row in test.astype(object).where(test.notna(), None).to_dict("records"):
        mixed += tuple(row.values()) in rows
        known = by_features.get(tuple(row[name] for name in features))
        repeated += known is not None
        contradicting += known is not None and known != {row[label]}
    categories = {name: int((~test[name].isin(train[name].dropna()) & test[name].notna()).sum()) for name in features if train[name].dtype == object}
    return {
        "trainRows": len(train), "testRows": len(test), "drift": drifts(train, test), "mixedRows": mixed, "repeatedRows": repeated, "contradictingRows": contradicting,
        "newCategoryRows": categories, "newLabelRows": int((~test[label].isin(train[label])).sum()), "auc": domain_auc(train[features], test[features]),
    }


def change(data, test):
    """What the tests do as well: other numbers, other categories, other labels."""
    test = test.copy()
    row = np.arange(len(test))
    if data == "churn":
        test["total_day_minutes"] = test["total_day_minutes"] + 30
        test.loc[row % 3 == 0, "voice_mail_plan"] = "yes"
        test.loc[row % 5 == 0, "state"] = "ZZ"
        test.loc[row % 7 == 0, "churn"] = "maybe"
    else:
        test["Income"] = test["Income"] * 1.5
        test.loc[row % 3 == 0, "Home"] = "rent"
        test.loc[row % 6 == 0, "Job"] = "Fixed"
        test.loc[row % 4 == 0, "Status"] = "bad"
    return test


golden = {"python": {"numpy": np.__version__, "scipy": scipy.__version__, "pandas": pd.__version__, "sklearn": sklearn.__version__}}
for data, label in (("churn", "churn"), ("credit", "Status")):
    train, test = cut(pd.read_csv(f"../{data}.csv"))
    golden[data] = {"clean": describe(train, test, label), "changed": describe(train, change(data, test), label)}

with open("train_test_golden.json", "w", encoding="utf-8") as file:
    json.dump(golden, file, indent=1)
    file.write("\n")
