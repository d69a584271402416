# Made linear_models.json: Python 3.11, NumPy 1.24, scikit-learn 1.2.1 (Debian 12). Run in the repository's root.
import csv, datetime, json
import numpy as np
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression, Ridge

def read(path):
    with open(path) as f: rows = list(csv.reader(f))
    return rows[0], rows[1:]

def number(text): return float("nan") if text in ("", "NA") else float(text)

def design(header, rows, label, date=None):
    blocks, names = [], []
    numeric = [i for i, h in enumerate(header) if h not in (label, date) and all(r[i] in ("", "NA") or r[i].replace(".", "").replace("-", "").replace("e", "").isdigit() for r in rows)]
    x = np.array([[number(r[i]) for i in numeric] for r in rows])
    mean = np.nanmean(x, axis=0)
    x = np.where(np.isnan(x), mean, x)
    std = x.std(axis=0)
    std[std == 0] = 1
    blocks.append((x - x.mean(axis=0)) / std)
    for i, h in enumerate(header):
        if i in numeric or h in (label, date): continue
        for c in sorted({r[i] for r in rows if r[i] not in ("", "NA")}):
            blocks.append(np.array([[1.0 if r[i] == c else 0.0] for r in rows]))
    if date is not None:
        day = [datetime.date.fromisoformat(r[header.index(date)]).isoweekday() % 7 for r in rows]
        blocks.append(np.eye(7)[day])
    return np.hstack(blocks)

out = {}
header, rows = read("samples/data/chicago.csv")
rows = [r for r in rows if r[-1] < "2006"]
x = design(header, rows, "ridership", "date")
y = np.array([float(r[0]) for r in rows])
out["chicago_ridge"] = Ridge(alpha=1.0, solver="cholesky").fit(x, y).predict(x[:50]).tolist()
for name, label in (("churn", "churn"), ("credit", "Status"), ("credit", "Home")):
    header, rows = read(f"tests/TestData/{name}.csv")
    rows = [r for r in rows if r[header.index(label)] not in ("", "NA")]
    x = design(header, rows, label)
    y = np.array([r[header.index(label)] for r in rows])
    model = LogisticRegression(C=1.0, max_iter=1000).fit(x, y)
    # scikit-learn stops when the loss hardly changes; its own objective is minimised further from there.
    classes, t = np.unique(y, return_inverse=True)
    k = 1 if len(classes) == 2 else len(classes)
    def loss(p):
        p = p.reshape(k, -1)
        z = x @ p[:, :-1].T + p[:, -1]
        if k == 1:
            z = z[:, 0]
            value, g = np.logaddexp(0, z).sum() - z[t == 1].sum(), (1 / (1 + np.exp(-z)) - t)[:, None]
        else:
            m = z.max(axis=1, keepdims=True)
            e = np.exp(z - m)
            value, g = (np.log(e.sum(axis=1)) + m[:, 0] - z[np.arange(len(t)), t]).sum(), e / e.sum(axis=1, keepdims=True)
            g[np.arange(len(t)), t] -= 1
        return value + 0.5 * (p[:, :-1] ** 2).sum(), np.hstack([g.T @ x + p[:, :-1], g.sum(axis=0)[:, None]]).ravel()
    start = np.hstack([model.coef_, model.intercept_[:, None]]).ravel()
    best = minimize(loss, start, jac=True, method="L-BFGS-B", options={"ftol": 1e-16, "gtol": 1e-8, "maxiter": 20000, "maxfun": 40000, "maxcor": 50}).x.reshape(k, -1)
    z = x[:50] @ best[:, :-1].T + best[:, -1]
    z = np.hstack([np.zeros_like(z), z]) if k == 1 else z
    e = np.exp(z - z.max(axis=1, keepdims=True))
    out[f"{name}_{label}_logistic"] = (e / e.sum(axis=1, keepdims=True)).tolist()
json.dump(out, open("tests/TestData/linear_models.json", "w"), indent=1)
