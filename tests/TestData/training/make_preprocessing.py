"""Writes preprocessing.json: what scikit-learn 1.2.1 (Python 3.11.2, NumPy 1.24.2) makes of small columns. Run it in this directory."""
import json

import numpy as np
from sklearn.feature_extraction import FeatureHasher
from sklearn.feature_extraction.text import HashingVectorizer
from sklearn.impute import SimpleImputer
from sklearn.preprocessing import MinMaxScaler, OneHotEncoder, OrdinalEncoder, RobustScaler, StandardScaler

numbers = [3.5, -1.25, None, 8.0, 0.5, 0.5, None, 120.0, -40.75, 2.25, 0.5, 7.0, 6.5]
column = np.array([[np.nan if x is None else x] for x in numbers])
live = np.array([[-1e6], [0.0], [3.75], [1e6]])
words = ["b", "a", "c", "b", "b", "a", "d", "Ω", "b", "a"]
unseen = ["a", "zzz", "Ω", "b"]
texts = ["The quick brown fox", "the QUICK fox, the fox!", "don't-stop x1 X1", "", "ÄPFEL äpfel 東京 タワー", "a b c a"]
golden = {"numbers": numbers, "live": live.ravel().tolist(), "words": words, "unseen": unseen, "texts": texts}


def fit(name, *steps):
    data, test = column, live
    for step in steps:
        data = step.fit_transform(data)
        test = step.transform(test)
    golden[name] = {"fitted": [None if np.isnan(x) else float(x) for x in data.ravel()], "live": [float(x) for x in test.ravel()]}


class Clip:
    """numpy.quantile, whose default is linear interpolation."""

    def fit_transform(self, x):
        self.low, self.high = np.nanquantile(x, [0.1, 0.85])
        return self.transform(x)

    def transform(self, x):
        return np.clip(x, self.low, self.high)


fit("standardize", SimpleImputer(strategy="mean"), StandardScaler())
fit("standardize_missing", StandardScaler())
fit("median_min_max", SimpleImputer(strategy="median"), MinMaxScaler((-1, 3)))
fit("min_max_clip", SimpleImputer(strategy="constant", fill_value=2.5), MinMaxScaler(clip=True))
fit("most_frequent_robust", SimpleImputer(strategy="most_frequent"), RobustScaler())
fit("robust_deciles", SimpleImputer(strategy="median"), RobustScaler(quantile_range=(10, 90)))
fit("clip_standardize", SimpleImputer(strategy="median"), Clip(), StandardScaler())

as_column = np.array(words, dtype=object).reshape(-1, 1)
as_live = np.array(unseen, dtype=object).reshape(-1, 1)
ignore = OneHotEncoder(handle_unknown="ignore", sparse_output=False).fit(as_column)
golden["one_hot"] = ignore.transform(as_live).tolist()
rare = OneHotEncoder(handle_unknown="infrequent_if_exist", min_frequency=2, sparse_output=False).fit(as_column)
golden["one_hot_other"] = rare.transform(as_live).tolist()
ordinal = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1).fit(as_column)
golden["ordinal"] = ordinal.transform(as_live).ravel().tolist()

for signed in (False, True):
    hasher = FeatureHasher(n_features=11, input_type="string", alternate_sign=signed)
    golden[f"hash_{str(signed).lower()}"] = hasher.transform([[word] for word in words + unseen]).toarray().tolist()
    bag = HashingVectorizer(
        n_features=29, norm=None, alternate_sign=signed, lowercase=False, token_pattern="[a-z0-9\u0080-\U0010ffff]+",
        preprocessor=lambda text: "".join(c.lower() if "A" <= c <= "Z" else c for c in text))
    golden[f"bag_{str(signed).lower()}"] = bag.transform(texts).toarray().tolist()

# (w m + s a) / (w + s), by hand: scikit-learn has TargetEncoder from 1.3, with the same formula for a number as smooth.
labels = [1.0, 2.0, 4.0, 0.5, 3.0, 2.5, 9.0, -1.0, 2.0, 6.0]
weights = [1.0, 2.0, 1.0, 0.0, 1.5, 1.0, 1.0, 3.0, 1.0, 0.5]
a = np.average(labels, weights=weights)
golden["labels"], golden["weights"] = labels, weights


def encode(word, smoothing):
    w = sum(v for v, x in zip(weights, words) if x == word)
    total = sum(v * y for v, y, x in zip(weights, labels, words) if x == word)
    return (total + smoothing * a) / (w + smoothing)


golden["target"] = [encode(word, 2.0) for word in unseen]
json.dump(golden, open("preprocessing.json", "w"), ensure_ascii=False, indent=1)
