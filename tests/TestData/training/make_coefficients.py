# Made coefficients.json: Python 3.11, NumPy 1.24, SciPy 1.10, scikit-learn 1.2.1 (Debian 12), pandas 1.5.3. Run in the repository's root.
# Plain pipelines of scikit-learn on the CSV files, in 64-bit floating point: numbers imputed by their mean and standardised, texts one-hot encoded, a missing text as
# no category. Ridge is exact. LogisticRegression stops where the loss hardly changes, so its own objective is minimised further from there by Newton's method until
# the step is below 1e-12; what scikit-learn's own answer is away from that is stored beside it.
import json
import numpy as np, pandas as pd
from sklearn.cluster import KMeans
from sklearn.compose import make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

def read(file, label):
    frame = pd.read_csv(f"tests/TestData/{file}.csv", keep_default_na=False, na_values=["NA", ""])
    frame = frame[frame[label].notna()]
    return frame.drop(columns=[label]), frame[label].to_numpy()

def design(x):
    numbers = [c for c in x.columns if x[c].dtype != object]
    texts = [c for c in x.columns if x[c].dtype == object]
    categories = [sorted(x[c].dropna().unique()) for c in texts]
    columns = make_column_transformer(
        (make_pipeline(SimpleImputer(), StandardScaler()), numbers),
        (OneHotEncoder(categories=categories, handle_unknown="ignore", sparse_output=False), texts))
    names = numbers + [f"{c}={v}" for c, vs in zip(texts, categories) for v in vs]
    return columns.fit_transform(x), names

def refine(x, y, weights, start):
    n, d = x.shape
    k = len(start)
    xa = np.hstack([x, np.ones((n, 1))])
    p = start.ravel().copy()
    for _ in range(60):
        rows = p.reshape(k, -1)
        z = xa @ rows.T
        if k == 1:
            s = 1 / (1 + np.exp(-z[:, 0]))
            g = xa.T @ (weights * (s - y))
            h = (xa * (weights * s * (1 - s))[:, None]).T @ xa
        else:
            e = np.exp(z - z.max(axis=1, keepdims=True))
            s = e / e.sum(axis=1, keepdims=True)
            g = ((weights[:, None] * (s - np.eye(k)[y])).T @ xa).ravel()
            h = np.zeros((k, d + 1, k, d + 1))
            for a in range(k):
                for b in range(k):
                    h[a, :, b, :] = (xa * (weights * s[:, a] * ((a == b) - s[:, b]))[:, None]).T @ xa
            h = h.reshape(k * (d + 1), -1)
        penalised = np.tile(np.append(np.ones(d), 0), k)
        g += penalised * p
        h[np.arange(len(p)), np.arange(len(p))] += penalised
        if k > 1:
            # Adding one number to all intercepts changes nothing: they are given with the mean 0.
            v = np.tile(np.append(np.zeros(d), 1), k)
            h += np.outer(v, v)
        step = np.linalg.solve(h, g)
        p -= step
        if np.abs(step).max() < 1e-12: break
    else: raise SystemExit("no convergence")
    p = p.reshape(k, -1)
    if k > 1: p[:, -1] -= p[:, -1].mean()
    return p

out = {}
for file, label in (("churn", "number_customer_service_calls"), ("churn", "total_day_minutes"), ("credit", "Amount"), ("credit", "Expenses")):
    x, y = read(file, label)
    z, names = design(x)
    for alpha in (1.0, 100.0):
        model = Ridge(alpha=alpha, solver="cholesky").fit(z, y.astype(float))
        out[f"ridge {file} {label} {alpha:g}"] = {"features": names, "coefficients": [model.coef_.tolist()], "intercepts": [model.intercept_]}
for file, label, c, weights in (
        ("churn", "churn", 1.0, None), ("churn", "churn", 1.0, "balanced"), ("churn", "churn", 0.1, {"no": 1, "yes": 5}),
        ("credit", "Status", 1.0, None), ("credit", "Status", 1.0, "balanced"), ("credit", "Status", 10.0, {"bad": 2.5}),
        ("credit", "Home", 1.0, None), ("credit", "Home", 1.0, "balanced"), ("credit", "Marital", 0.5, None)):
    x, y = read(file, label)
    z, names = design(x)
    model = LogisticRegression(C=c, class_weight=weights, max_iter=5000, tol=1e-6).fit(z, y)
    classes, t = np.unique(y, return_inverse=True)
    per_class = len(y) / (len(classes) * np.bincount(t)) if weights == "balanced" else np.array([(weights or {}).get(v, 1) for v in classes], float)
    start = np.hstack([model.coef_, model.intercept_[:, None]])
    best = refine(z, t, c * per_class[t], start)
    out[f"logistic {file} {label} {c:g} {weights if isinstance(weights, str) else 'given' if weights else 'none'}"] = {
        "features": names, "classes": classes.tolist(), "weights": weights if isinstance(weights, dict) else {},
        "coefficients": best[:, :-1].tolist(), "intercepts": best[:, -1].tolist(), "scikit_learn_is_away": float(np.abs(best - start).max())}
for file, label in (("churn", "churn"), ("credit", "Status")):
    x, _ = read(file, label)
    z, names = design(x)
    start = z[[7, 70, 700, 1700, 2700]]
    for weights in (None, "rows"):
        w = None if weights is None else 1 + np.arange(len(z)) % 3
        model = KMeans(n_clusters=5, init=start, n_init=1, max_iter=300, tol=1e-4, algorithm="lloyd").fit(z, sample_weight=w)
        out[f"kmeans {file} {'weighted' if weights else 'plain'}"] = {
            "features": names, "start": [7, 70, 700, 1700, 2700], "centroids": model.cluster_centers_.tolist(), "inertia": model.inertia_, "iterations": model.n_iter_, "sizes": np.bincount(model.labels_).tolist()}
json.dump(out, open("tests/TestData/training/coefficients.json", "w"))
for name, values in out.items(): print(name, values.get("scikit_learn_is_away", values.get("inertia", "")), values.get("iterations", ""))
