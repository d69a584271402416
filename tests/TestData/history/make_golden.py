"""Writes golden.json: Holt-Winters smoothing and z-scores, computed apart from the library.

The smoothing is written in the form of the textbook (new level, then trend, then season, each a weighted mean), not in the
error-correction form of the library. The z-scores come from exact fractions. Python 3.11, standard library only.
"""
import json
import math
import os
import random
import statistics
from decimal import Decimal
from fractions import Fraction

HERE = os.path.dirname(os.path.abspath(__file__))


def smooth(values, period, start, alpha, beta, gamma, level, trend, season):
    """Returns the one-step forecasts from `start` on, and the state at the end; None is a missing value."""
    season = list(season)
    forecasts = []
    for t in range(start, len(values)):
        forecast = level + trend + season[t % period]
        forecasts.append(forecast)
        y = forecast if values[t] is None else values[t]
        new_level = alpha * (y - season[t % period]) + (1 - alpha) * (level + trend)
        new_trend = beta * (new_level - level) + (1 - beta) * trend
        if values[t] is None:
            # Nothing was learnt: the trend carries the level on, and the season stays.
            new_level, new_trend = level + trend, trend
        else:
            season[t % period] = gamma * (y - new_level) + (1 - gamma) * season[t % period]
        level, trend = new_level, new_trend
    return forecasts, level, trend, season


def start_of_r(values, period):
    """The start of R's HoltWinters: moving averages of the first two periods, a line through them, and what they leave."""
    half = period // 2
    head = values[:2 * period]
    averages = {t: (head[t - half] / 2 + sum(head[t - half + 1:t + half]) + head[t + half] / 2) / period for t in range(half, 2 * period - half)}
    xs = list(range(1, len(averages) + 1))
    ys = [averages[t] for t in sorted(averages)]
    mx, my = statistics.fmean(xs), statistics.fmean(ys)
    slope = sum((x - mx) * (y - my) for x, y in zip(xs, ys)) / sum((x - mx) ** 2 for x in xs)
    figure = [statistics.fmean([head[t] - averages[t] for t in averages if t % period == place]) for place in range(period)]
    mean = statistics.fmean(figure)
    return my - slope * mx, slope, [f - mean for f in figure]


def start_of_two_seasons(values, period):
    """The start of the library: median difference of two seasons, then means by place."""
    trend = statistics.median([b - a for a, b in zip(values[:period], values[period:2 * period]) if a is not None and b is not None]) / period
    places = [statistics.fmean([values[t] - trend * t for t in (place, period + place) if values[t] is not None]) for place in range(period)]
    level = statistics.fmean(places)
    return level + trend * (2 * period - 1), trend, [p - level for p in places]


def squared_error(values, period, weights):
    forecasts, *_ = smooth(values, period, 2 * period, *weights, *start_of_two_seasons(values, period))
    return sum((y - f) ** 2 for y, f in zip(values[2 * period:], forecasts) if y is not None)


def least_squared_error(values, period):
    """The least error on a grid of 0.05, then of 0.005 around its best."""
    best = min((squared_error(values, period, (a / 20, b / 20, g / 20)), a, b, g) for a in range(21) for b in range(21) for g in range(21))
    _, a, b, g = best
    near = lambda centre: [x for x in range(centre * 10 - 10, centre * 10 + 11, 2) if 0 <= x <= 200]
    return min(squared_error(values, period, (x / 200, y / 200, z / 200)) for x in near(a) for y in near(b) for z in near(g))


def z_scores(values):
    """Of each value: mean and deviation of all others, and of those before it; median and scaled MAD likewise."""
    def mean(others):
        exact = [Fraction(x) for x in others]
        centre = sum(exact) / len(exact)
        variance = sum((x - centre) ** 2 for x in exact) / (len(exact) - 1)
        return float(centre), float((Decimal(variance.numerator) / Decimal(variance.denominator)).sqrt())

    def median(others):
        exact = [Fraction(x) for x in others]
        centre = statistics.median(exact)
        mad = statistics.median([abs(x - centre) for x in exact])
        scaled = float(mad) / statistics.NormalDist().inv_cdf(0.75)
        return float(centre), scaled if mad else float(sum(abs(x - centre) for x in exact) / len(exact)) * math.sqrt(math.pi / 2)

    return [{"others": {"mean": mean(values[:i] + values[i + 1:]), "median": median(values[:i] + values[i + 1:])},
             "before": {"mean": mean(values[:i]), "median": median(values[:i])} if i >= 5 else None} for i in range(len(values))]


def main():
    with open(os.path.join(HERE, "co2.csv"), encoding="utf-8") as file:
        co2 = [float(x) for line in file for x in line.split(",")]
    # What R 4 prints for HoltWinters(co2).
    weights = (0.5126484, 0.009497669, 0.4728868)
    published = {"a": 364.7616237, "b": 0.1247438, "s": [0.2215275, 0.9552801, 1.5984744, 2.8758029, 3.2820088, 2.4406990, 0.8969433, -1.3796428, -3.4112376, -3.2570163, -1.9134850, -0.5844250]}
    level, trend, season = start_of_r(co2, 12)
    forecasts, last_level, last_trend, last_season = smooth(co2, 12, 12, *weights, level, trend, season)
    for ours, theirs in zip([last_level, last_trend, *last_season], [published["a"], published["b"], *published["s"]]):
        assert abs(ours - theirs) < 2e-6, (ours, theirs)

    rng = random.Random(20260301)
    pattern = [100, 105, 103, 106, 110, 40, 30]
    weekly = [round(pattern[t % 7] + 0.3 * t + rng.gauss(0, 3), 2) for t in range(98)]
    holes = [None if t in (10, 33, 34, 71) else x for t, x in enumerate(weekly)]
    cases = []
    for name, values, period in (("weekly", weekly, 7), ("weekly with missing values", holes, 7), ("co2", co2, 12)):
        for alpha, beta, gamma in ((0.3, 0.1, 0.2), (0.05, 0.5, 0.9), (0, 0, 0), (1, 1, 1)):
            start = start_of_two_seasons(values, period)
            f, l, b, s = smooth(values, period, 2 * period, alpha, beta, gamma, *start)
            cases.append({"series": name, "weights": [alpha, beta, gamma], "start": {"level": start[0], "trend": start[1], "season": start[2]}, "forecasts": f, "level": l, "trend": b, "season": s})
    series = {"weekly": {"period": 7, "values": weekly}, "weekly with missing values": {"period": 7, "values": holes}, "co2": {"period": 12, "values": co2}}
    for name, entry in series.items():
        entry["leastSquaredError"] = least_squared_error(entry["values"], entry["period"])
    samples = [[12.5, 11.0, 13.25, 12.0, 12.75, 90.0, 11.5, 12.25, 12.0, 13.0, 11.75, 12.5],
               [1e9 + x for x in (1, 2, 4, 7, 11, 16, 22, 29)],
               [5.0, 5.0, 5.0, 5.0, 5.0, 5.0, 5.0, 6.0, 5.0, 4.0],
               [0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1],
               [1e-200, 3e-200, 2e-200, 5e-200, 4e-200, 1e-200, 9e-200]]
    golden = {
        "co2OfR": {"weights": weights, "start": {"level": level, "trend": trend, "season": season}, "forecasts": forecasts, "published": published},
        "series": series,
        "smoothing": cases,
        "zScores": [{"values": values, "scores": z_scores(values)} for values in samples],
    }
    with open(os.path.join(HERE, "golden.json"), "w", encoding="utf-8") as file:
        json.dump(golden, file, indent=None, separators=(",", ":"))
        file.write("\n")


if __name__ == "__main__":
    main()
