"""Makes splits_golden.json: where scikit-learn puts the rows of small datasets, and where the seeded splits put them by another implementation of their rules.

Run with Python 3.11, NumPy 1.24 and scikit-learn 1.2: python3 make_splits.py
"""
import json
import math
import pathlib

import numpy as np
from sklearn.model_selection import GroupKFold, KFold, StratifiedGroupKFold, StratifiedKFold, TimeSeriesSplit

MASK = (1 << 64) - 1


class SplitMix64:
    """G. Steele, D. Lea, C. Flood, OOPSLA 2014; numbers below a bound by D. Lemire, ACM TOMACS 29(1), 2019."""

    def __init__(self, seed):
        self.state = seed

    def next(self):
        self.state = (self.state + 0x9E3779B97F4A7C15) & MASK
        z = self.state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        return z ^ (z >> 31)

    def below(self, bound):
        while True:
            product = self.next() * bound
            low = product & MASK
            if low >= bound or low >= (1 << 64) % bound:
                return product >> 64


def generator(seed, rows):
    place = SplitMix64((seed + rows * 0x9E3779B97F4A7C15) & MASK)
    return SplitMix64(place.next())


def draw(left, random):
    card = random.below(sum(left))
    for part, count in enumerate(left):
        if card < count:
            left[part] -= 1
            return part
        card -= count


def murmur3(data, seed):
    """A. Appleby, MurmurHash3_x64_128: the first half."""
    c1, c2 = 0x87C37B91114253D5, 0x4CF5AD432745937F
    rotate = lambda x, r: ((x << r) | (x >> (64 - r))) & MASK

    def mix(h):
        h = ((h ^ (h >> 33)) * 0xFF51AFD7ED558CCD) & MASK
        h = ((h ^ (h >> 33)) * 0xC4CEB9FE1A85EC53) & MASK
        return h ^ (h >> 33)

    h1 = h2 = seed
    blocks = len(data) // 16
    for i in range(blocks):
        k1 = int.from_bytes(data[16 * i:16 * i + 8], "little")
        k2 = int.from_bytes(data[16 * i + 8:16 * i + 16], "little")
        h1 ^= (rotate((k1 * c1) & MASK, 31) * c2) & MASK
        h1 = ((rotate(h1, 27) + h2) * 5 + 0x52DCE729) & MASK
        h2 ^= (rotate((k2 * c2) & MASK, 33) * c1) & MASK
        h2 = ((rotate(h2, 31) + h1) * 5 + 0x38495AB5) & MASK
    tail = data[16 * blocks:]
    h2 ^= (rotate((int.from_bytes(tail[8:], "little") * c2) & MASK, 33) * c1) & MASK
    h1 ^= (rotate((int.from_bytes(tail[:8], "little") * c1) & MASK, 31) * c2) & MASK
    h1 ^= len(data)
    h2 ^= len(data)
    h1 = (h1 + h2) & MASK
    h2 = (h2 + h1) & MASK
    return (mix(h1) + mix(h2)) & MASK


def shuffled_by_size(sizes, seed):
    """Groups, the largest first, those of one size shuffled (Fisher and Yates)."""
    order, random = list(range(len(sizes))), SplitMix64(seed)
    for last in range(len(order) - 1, 0, -1):
        other = random.below(last + 1)
        order[last], order[other] = order[other], order[last]
    return sorted(order, key=lambda group: -sizes[group])


def sizes_of(groups):
    numbers = first_seen(groups)
    return numbers, [numbers.count(group) for group in range(max(numbers) + 1)]


def group_split(groups, totals, seed):
    """Each group into one of the parts with room for it, drawn in proportion to room, else into the roomiest; the last groups into parts without any."""
    numbers, sizes = sizes_of(groups)
    random = generator(seed, len(groups))
    order = shuffled_by_size(sizes, random.next())
    room, filled, part_of = list(totals), set(), {}
    for place, group in enumerate(order):
        empty = [part for part in range(len(totals)) if totals[part] > 0 and part not in filled]
        is_open = empty if len(order) - place <= len(empty) else [part for part in range(len(totals)) if totals[part] > 0]
        fits = [part for part in is_open if room[part] >= sizes[group]]
        if fits:
            at = random.below(sum(room[part] for part in fits))
            for chosen in fits:
                if at < room[chosen]:
                    break
                at -= room[chosen]
        else:
            chosen = max(is_open, key=lambda part: room[part])
        part_of[group] = chosen
        filled.add(chosen)
        room[chosen] -= sizes[group]
    return [part_of[group] for group in numbers]


def group_folds(groups, folds, seed):
    numbers, sizes = sizes_of(groups)
    rows, fold_of = [0] * folds, {}
    for group in shuffled_by_size(sizes, seed):
        fold = rows.index(min(rows))
        fold_of[group] = fold
        rows[fold] += sizes[group]
    return [fold_of[group] for group in numbers]


def seeded():
    """The parts of rows, 0 train, 1 validation, 2 test; the folds of rows, from 0."""
    cases = {}
    left, random = [28, 4, 8], generator(42, 40)
    cases["random"] = [draw(left, random) for _ in range(40)]
    left, random = [5, 5, 5, 4, 4], generator(2**64 - 1, 23)
    cases["k-fold"] = [draw(left, random) for _ in range(23)]
    # 30 rows of the labels a, b, b, of which the test gets a quarter: of 2.5 rows two, since of equal remainders training gets the row.
    decks, random = [[8, 0, 2], [15, 0, 5]], generator(7, 30)
    cases["stratified"] = [draw(decks[0 if row % 3 == 0 else 1], random) for row in range(30)]
    cases["key text"] = [murmur3(f"customer {row}".encode(), 5) % 10000 for row in range(20)]
    cases["key number"] = [murmur3(str(row * 1000003 - 5).encode(), 0) % 10000 for row in range(20)]
    cases["key two columns"] = [murmur3(f"{row}\x1fZürich and a longer text".encode(), 9) % 10000 for row in range(20)]
    # 36 rows: 0.6, 0.2 and 0.2 of them are 21.6, 7.2 and 7.2 rows.
    groups = [row * row % 13 for row in range(36)]
    cases["group"] = group_split(groups, [22, 7, 7], 3)
    cases["group k-fold"] = group_folds(groups, 3, 3)
    return cases


def folds(splits):
    return [{"train": [int(i) for i in train], "test": [int(i) for i in test]} for train, test in splits]


def tests(splits):
    return [[int(i) for i in test] for _, test in splits]


def first_seen(values):
    """Numbers values in the order of their first rows, as ties are broken by number there and by first row here."""
    numbers = {}
    return [numbers.setdefault(value, len(numbers)) for value in values]


def stratified_groups(groups, labels, folds):
    """StratifiedGroupKFold, but of folds that are as good (up to rounding) the one with the fewest rows wins, and of those the first. Returns the fold of each row."""
    group_count, classes = max(groups) + 1, max(labels) + 1
    counts = [[0] * classes for _ in range(group_count)]
    for group, label in zip(groups, labels):
        counts[group][label] += 1
    totals = [sum(row[c] for row in counts) for c in range(classes)]
    order = sorted(range(group_count), key=lambda g: (sum(counts[g]) ** 2 - classes * sum(n * n for n in counts[g]), g))
    held, fold_of = [[0] * classes for _ in range(folds)], [0] * group_count

    def unevenness(fold, group):
        total = 0.0
        for c in range(classes):
            column = [held[f][c] + (counts[group][c] if f == fold else 0) for f in range(folds)]
            total += math.sqrt(folds * sum(n * n for n in column) - sum(column) ** 2) / (folds * totals[c])
        return total

    for group in order:
        scores = [unevenness(fold, group) for fold in range(folds)]
        best = min(range(folds), key=lambda fold: (round((scores[fold] - min(scores)) * 1e10), sum(held[fold]), fold))
        fold_of[group] = best
        held[best] = [a + b for a, b in zip(held[best], counts[group])]
    return [fold_of[group] for group in groups]


def scikit_learn():
    random = np.random.default_rng(20240501)
    result = {"k_fold": [], "stratified": [], "group": [], "stratified_group": [], "time_series": []}
    for rows, count in [(2, 2), (10, 3), (23, 5), (100, 7), (101, 100)]:
        result["k_fold"].append({"rows": rows, "folds": count, "tests": tests(KFold(count).split(np.zeros(rows)))})
    for rows, count, p in [(20, 2, [.5, .5]), (60, 3, [.7, .2, .1]), (150, 5, [.9, .06, .03, .01]), (97, 10, [.4, .3, .2, .1])]:
        labels = [int(v) for v in random.choice(len(p), rows, p=p)]
        result["stratified"].append({"labels": labels, "folds": count, "tests": tests(StratifiedKFold(count).split(np.zeros(rows), labels))})
    for sizes, count in [([1, 2], 2), ([9, 1, 4, 7, 3, 2], 3), (list(range(1, 26)), 5), ([50, 3, 2, 1], 4)]:
        groups = [int(g) for g in random.permutation(np.repeat(np.arange(len(sizes)), sizes))]
        result["group"].append({"groups": groups, "folds": count, "tests": tests(GroupKFold(count).split(np.zeros(len(groups)), groups=groups))})
    for count, group_count, size, p in [(2, 8, 6, [.5, .5]), (3, 20, 8, [.8, .2]), (5, 60, 10, [.6, .3, .1]), (4, 40, 30, [.97, .03])]:
        sizes = random.integers(1, size, group_count)
        tilt = random.dirichlet(np.array(p) * 4, group_count)
        groups = np.repeat(np.arange(group_count), sizes)
        labels = [int(random.choice(len(p), p=tilt[g])) for g in groups]
        groups, labels = first_seen([int(g) for g in groups]), first_seen(labels)
        result["stratified_group"].append(
            {"groups": groups, "labels": labels, "folds": count, "seedless": stratified_groups(groups, labels, count), "tests": tests(StratifiedGroupKFold(count).split(np.zeros(len(groups)), labels, groups))})
    for rows, count, gap, test, most in [(6, 5, 0, None, None), (23, 4, 0, None, None), (23, 4, 2, None, None), (30, 3, 0, 2, None), (30, 3, 5, 4, 10), (100, 6, 1, None, 20)]:
        splits = TimeSeriesSplit(count, gap=gap, test_size=test, max_train_size=most).split(np.zeros(rows))
        result["time_series"].append({"rows": rows, "count": count, "gap": gap, "test_rows": test, "max_train_rows": most, "folds": folds(splits)})
    return result


path = pathlib.Path(__file__).with_name("splits_golden.json")
path.write_text(json.dumps({"scikit_learn": scikit_learn(), "seeded": seeded()}, separators=(",", ":"), ensure_ascii=False) + "\n", encoding="utf-8")
