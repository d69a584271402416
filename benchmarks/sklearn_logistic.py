"""Fits the logistic regression of TrainingBenchmarks with scikit-learn, for comparison: same 500,000 x 30 numbers, same C, same tolerance of the gradient. Best of 4."""
import time, warnings
import numpy as np, sklearn
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

def numbers(count):
    """The generator of TrainingRows, state = a * state + c, in blocks: a block is the block before it, jumped ahead."""
    a, c, mask = 6364136223846793005, 1442695040888963407, (1 << 64) - 1
    block, state = np.empty(1 << 16, dtype=np.uint64), 1
    for i in range(len(block)):
        state = (a * state + c) & mask
        block[i] = state
    jump_a, jump_c = 1, 0
    for _ in range(len(block)): jump_a, jump_c = jump_a * a & mask, (jump_c * a + c) & mask
    blocks = [block]
    while len(blocks) * len(block) < count: blocks.append(blocks[-1] * np.uint64(jump_a) + np.uint64(jump_c))
    return (np.concatenate(blocks)[:count] >> np.uint64(11)) * (1.0 / (1 << 53))

rows, features = 500_000, 30
drawn = numbers(rows * (features + 1)).reshape(rows, features + 1)
x = drawn[:, :features] * 4 - 2
y = (drawn[:, features] < 1 / (1 + np.exp(-(x @ np.sin(np.arange(features)))))).astype(int)
x = np.ascontiguousarray(x * np.arange(1, features + 1))
warnings.simplefilter("error")
times = []
for _ in range(4):
    start = time.perf_counter()
    z = StandardScaler().fit_transform(x)
    scaled = time.perf_counter()
    # scikit-learn's tolerance is that of the summed gradient; ours, 1e-6, is divided by the sum of weights.
    model = LogisticRegression(C=1.0, tol=1e-6 * rows, max_iter=1000).fit(z, y)
    times.append((time.perf_counter() - start, time.perf_counter() - scaled))
whole, fit = min(times)
print(f"scikit-learn {sklearn.__version__}: {whole * 1000:.0f} ms with scaling, {fit * 1000:.0f} ms without, {model.n_iter_[0]} iterations, first coefficients {model.coef_[0, :3]}")
