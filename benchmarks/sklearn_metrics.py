"""The same figures by scikit-learn: ROC AUC of 1,000,000 scores, and all metrics of two classes with weights and 10 slices.

Run beside MetricBenchmarks on the same machine with NumPy and scikit-learn: python3 benchmarks/sklearn_metrics.py
"""
import time

import numpy as np
from sklearn import metrics

ROWS = 1_000_000


def best(name, run, repeats=5):
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    print(f"{name:32} {1000 * min(times):9.1f} ms")


def all_metrics(labels, scores, weights):
    taken = scores >= 0.5
    for metric in (metrics.accuracy_score, metrics.balanced_accuracy_score, metrics.precision_score, metrics.recall_score, metrics.f1_score, metrics.matthews_corrcoef):
        metric(labels, taken, sample_weight=weights)
    for metric in (metrics.roc_auc_score, metrics.average_precision_score, metrics.log_loss, metrics.brier_score_loss):
        metric(labels, scores, sample_weight=weights)


def main():
    random = np.random.default_rng(1)
    scores = random.random(ROWS)
    labels = (random.random(ROWS) < scores).astype(int)
    weights = random.random(ROWS) + 0.5
    codes = random.integers(0, 10, ROWS)
    best("np.sort", lambda: np.sort(scores))
    best("roc_auc_score", lambda: metrics.roc_auc_score(labels, scores))
    best("roc_auc_score, 2 decimals", lambda: metrics.roc_auc_score(labels, np.round(scores, 2)))

    def sliced():
        all_metrics(labels, scores, weights)
        for code in range(10):
            rows = codes == code
            all_metrics(labels[rows], scores[rows], weights[rows])

    best("all metrics, 10 slices", sliced, repeats=2)


if __name__ == "__main__":
    main()
