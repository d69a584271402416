"""Trains LightGBM on the loan applications of credit.csv, whose numbers are partly missing, and writes its models, rows and its own predictions of them.

    python3 make_lightgbm.py lib_lightgbm.so

LightGBM 4.7.0 by its C API; Python 3.11, standard library only. Trained with one thread and a seed, so that it gives the same trees again.
"""
import csv
import ctypes
import json
import math
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
NUMBERS = ["Seniority", "Time", "Age", "Expenses", "Income", "Assets", "Debt", "Amount", "Price"]
EXCESS = "Excess"  # Amount / Price - 1, the only number that is not whole, or below 0
COMMON = "learning_rate=0.1 min_data_in_leaf=10 num_threads=1 seed=7 deterministic=true force_row_wise=true verbosity=-1"
MODELS = {
    "regression": ("Amount", 60, "objective=regression num_leaves=15"),
    "binary": ("Status", 40, "objective=binary num_leaves=31"),
    "multiclass": ("Job", 15, "objective=multiclass num_class=4 num_leaves=15"),
}
EVERY = 15
FLOAT64 = 1
NORMAL = 0


def check(library, result):
    if result != 0:
        raise RuntimeError(library.LGBM_GetLastError().decode())


def read():
    with open(os.path.join(HERE, "..", "credit.csv"), newline="") as file:
        return list(csv.DictReader(file))


def number(row, name):
    if name == EXCESS:
        return single(number(row, "Amount") / number(row, "Price") - 1)
    return math.nan if row[name] == "NA" else float(row[name])


def single(value):
    return ctypes.c_float(value).value


def blank(rows):
    """Takes a value out of most rows, so that each feature is missing somewhere, whether it ever was in the training or not; the last row has none."""
    width = len(rows[0])
    some = [[math.nan if (at + 3 * column) % 11 == 0 else value for column, value in enumerate(row)] for at, row in enumerate(rows)]
    return some + [[math.nan] * width]


def put_on_thresholds(file, rows):
    """Rows with a value that is the next float above a threshold, where that is the nearest: such a row goes to the right."""
    edges = set()
    with open(file) as lines:
        for line in lines:
            name, _, values = line.strip().partition("=")
            if name == "split_feature":
                features = [int(value) for value in values.split(" ")]
            elif name == "threshold":
                thresholds = [float(value) for value in values.split(" ")]
                edges |= {(feature, single(value)) for feature, value in zip(features, thresholds) if single(value) > value}
    return [[value if column == feature else old for column, old in enumerate(rows[at % len(rows)])] for at, (feature, value) in enumerate(sorted(edges))]


def write_number(value):
    return None if math.isnan(value) else int(value) if value.is_integer() else float(f"{value:.9g}")


def make(library, name, rows):
    target, trees, parameters = MODELS[name]
    features = [feature for feature in NUMBERS if feature != target] + ([] if target == "Amount" else [EXCESS])
    known = [row for row in rows if row[target] != "NA"]
    if name == "regression":
        classes, labels = None, [number(row, target) for row in known]
    else:
        classes = sorted({row[target] for row in known})
        labels = [float(classes.index(row[target])) for row in known]

    def numbers(some):
        return [[number(row, feature) for feature in features] for row in some]

    def matrix(some):
        values = [value for row in some for value in row]
        return (ctypes.c_double * len(values))(*values)

    text = f"{parameters} {COMMON}".encode()
    data = ctypes.c_void_p()
    check(library, library.LGBM_DatasetCreateFromMat(matrix(numbers(known)), FLOAT64, len(known), len(features), 1, text, None, ctypes.byref(data)))
    check(library, library.LGBM_DatasetSetField(data, b"label", (ctypes.c_float * len(labels))(*labels), len(labels), 0))
    names = (ctypes.c_char_p * len(features))(*[feature.encode() for feature in features])
    check(library, library.LGBM_DatasetSetFeatureNames(data, names, len(features)))
    booster = ctypes.c_void_p()
    check(library, library.LGBM_BoosterCreate(data, text, ctypes.byref(booster)))
    finished = ctypes.c_int()
    for _ in range(trees):
        check(library, library.LGBM_BoosterUpdateOneIter(booster, ctypes.byref(finished)))
    file = f"lightgbm_{name}.txt"
    path = os.path.join(HERE, file)
    check(library, library.LGBM_BoosterSaveModel(booster, 0, -1, 0, path.encode()))

    # Rows are asked whether their target is known or not.
    asked = numbers(rows[::EVERY])
    asked = blank(asked) + put_on_thresholds(path, asked)
    width = len(classes) if name == "multiclass" else 1
    length, answers = ctypes.c_int64(), (ctypes.c_double * (width * len(asked)))()
    check(library, library.LGBM_BoosterPredictForMat(booster, matrix(asked), FLOAT64, len(asked), len(features), 1, NORMAL, 0, -1, text, ctypes.byref(length), answers))
    assert length.value == len(answers)
    return {
        "name": name,
        "file": file,
        "features": features,
        "classes": classes,
        "rows": [[write_number(value) for value in row] for row in asked],
        "predictions": [round(answer, 9) for answer in answers],
    }


def main():
    library = ctypes.CDLL(sys.argv[1])
    library.LGBM_GetLastError.restype = ctypes.c_char_p
    rows = read()
    golden = {"models": [make(library, name, rows) for name in MODELS]}
    with open(os.path.join(HERE, "lightgbm_golden.json"), "w") as file:
        json.dump(golden, file, separators=(",", ":"))
        file.write("\n")


main()
