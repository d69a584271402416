"""Writes series.json: fixed series of a metric with planted anomalies, and the positions that each rule must flag.

Positions are counted from 0 and follow from how a series is made, never from running the library: the noise is normal, cut at two
standard deviations, so that nothing but what is planted can be an anomaly. Python 3.11, standard library only.
"""
import datetime
import json
import os
import random

HERE = os.path.dirname(os.path.abspath(__file__))
START = datetime.datetime(2025, 1, 6, 2, 0, tzinfo=datetime.timezone.utc)  # a Monday
WEEK = [1000, 1050, 1040, 1060, 1100, 400, 300]
YEAR = [200, 190, 210, 230, 260, 300, 320, 310, 270, 240, 220, 260]


def noise(rng, deviation):
    while True:
        x = rng.gauss(0, deviation)
        if abs(x) <= 2 * deviation:
            return x


def rule(kind, **options):
    return {"rule": kind, **options}


def case(planted, kind, **options):
    return {"rule": rule(kind, **options), "planted": planted}


def entry(name, how, values, cases, times=None):
    times = times or [START + datetime.timedelta(days=i) for i in range(len(values))]
    return {"name": name, "how": how, "times": [t.strftime("%Y-%m-%dT%H:%M:%SZ") for t in times], "values": [None if v is None else round(v, 2) for v in values], "cases": cases}


def spikes():
    rng = random.Random(1)
    values = [1000 + noise(rng, 20) for _ in range(120)]
    for at, by in ((30, 200), (31, 5000), (70, -200), (100, 160)):
        values[at] = 1000 + by
    all_of_them = [30, 31, 70, 100]
    return entry("noise with spikes", "1000 with a deviation of 20; 1200 at 30, 6000 at 31, 800 at 70, 1160 at 100", values, [
        case(all_of_them, "threshold", minimum=900, maximum=1100),
        case(all_of_them, "online_z_score"),
        case(all_of_them, "online_z_score", estimator="Median", threshold=5),
        case(all_of_them, "online_z_score", window=15, threshold=5),
        case(all_of_them, "z_score", estimator="Median", threshold=4),
        case([31], "z_score"),  # the largest hides the others
        case(all_of_them, "relative_change", maximumDecrease=0.1, maximumIncrease=0.1),
        case([30, 31, 32, 70, 71, 100, 101], "relative_change", maximumDecrease=0.1, maximumIncrease=0.1, acceptReturn=False),
        case([30, 31, 71, 100], "relative_change", maximumIncrease=0.1),  # a fall is no anomaly, so the return from it is a rise
        case(all_of_them, "absolute_change", maximumDecrease=100, maximumIncrease=100),
        case(all_of_them, "absolute_change", maximumDecrease=100, maximumIncrease=100, lag=7),
    ])


def level_shift():
    rng = random.Random(2)
    values = [1000 + (300 if i >= 60 else 0) + noise(rng, 20) for i in range(100)]
    return entry("level shift", "1000 with a deviation of 20, and 1300 from 60 on", values, [
        case([60], "relative_change", maximumDecrease=0.15, maximumIncrease=0.15),
        case([60], "absolute_change", maximumDecrease=150, maximumIncrease=150),
        case(list(range(60, 67)), "absolute_change", maximumDecrease=150, maximumIncrease=150, lag=7),
        case(list(range(60, 100)), "online_z_score"),
        case(list(range(60, 65)), "online_z_score", restartAfter=5),
        case(list(range(60, 65)), "seasonal", restartAfter=5, threshold=5),
    ])


def trend():
    rng = random.Random(3)
    values = [1000 + 5 * i + noise(rng, 4) for i in range(120)]
    values[55] += 200
    values[90] -= 200
    return entry("trend", "1000 and 5 more each day, with a deviation of 4; 200 too many at 55, 200 too few at 90", values, [
        case([55, 90], "absolute_change", maximumDecrease=40, maximumIncrease=40),
        case([55, 90], "absolute_change", maximumDecrease=70, maximumIncrease=70, order=2),
        case([55, 90], "seasonal", threshold=5),
    ])


def weekly_values(rng, weeks):
    return [WEEK[i % 7] + noise(rng, 15) for i in range(7 * weeks)]


def weekly():
    rng = random.Random(4)
    values = weekly_values(rng, 20)
    values[61], values[77], values[111] = 1010, 410, 1050  # Saturday, Monday, Sunday
    planted = [61, 77, 111]
    return entry("weekly season", f"by weekday {WEEK} with a deviation of 15; a Saturday like a weekday at 61, a Monday like a Saturday at 77, a Sunday like a weekday at 111", values, [
        case(planted, "seasonal", threshold=4),
        case(planted, "seasonal", threshold=4, estimator="Median"),
        case(planted, "seasonal", threshold=4, smoothingSeasons=1000),
        case(planted, "seasonal", threshold=4, countRuns=True),
        case(planted, "seasonal", threshold=4, spacing="1.00:00:00"),
        case([], "z_score"),
        case([], "online_z_score"),
        case(planted, "relative_change", maximumDecrease=0.4, maximumIncrease=0.6, lag=7),
    ])


def weekly_with_gaps():
    rng = random.Random(5)
    values = weekly_values(rng, 20)
    values[61], values[100] = 1010, 410
    times = [START + datetime.timedelta(days=i, minutes=rng.uniform(-45, 45)) for i in range(len(values))]
    absent = {9, 40, 41, 66, 88}  # no run at all
    for i in (20, 75):  # a run without a value
        values[i] = None
    left = [i for i in range(len(values)) if i not in absent]
    return entry("weekly season with missing runs", f"by weekday {WEEK} with a deviation of 15, each run up to 45 minutes early or late; no runs on days {sorted(absent)}, no value on days 20 and 75; a Saturday like a weekday on day 61, a weekday like a Saturday on day 100", [values[i] for i in left], [
        case([left.index(61), left.index(100)], "seasonal", threshold=4),
        case([left.index(61), left.index(100)], "seasonal", threshold=4, smoothingSeasons=1000),
        case([], "online_z_score"),
        case([left.index(20), left.index(75)], "threshold", minimum=0, requireValue=True),
    ], [times[i].replace(microsecond=0) for i in left])


def slow_drift():
    rng = random.Random(6)
    values = [100 + (2 * (i - 59) if i >= 60 else 0) + rng.uniform(-0.2, 0.2) for i in range(110)]
    # The difference over 30 days is 2k within 0.4 after k days of drift: over 31 from k = 16 on.
    return entry("slow drift", "100, and from 60 on 2 more each day, within 0.2", values, [
        case(list(range(75, 110)), "absolute_change", maximumDecrease=31, maximumIncrease=31, lag=30),
        case([], "absolute_change", maximumDecrease=31, maximumIncrease=31),
        case([], "relative_change", maximumDecrease=0.1, maximumIncrease=0.1),
        case([], "online_z_score", window=20, minimumDeviation=10),
    ])


def drop_to_zero():
    rng = random.Random(7)
    values = [5000 + noise(rng, 100) for _ in range(80)]
    values[40] = values[41] = values[42] = 0
    values[60] = 0
    return entry("drop to zero", "5000 with a deviation of 100; nothing at 40, 41, 42 and at 60", values, [
        case([40, 41, 42, 60], "threshold", minimum=1),
        case([40, 41, 42, 60], "online_z_score", minimumPoints=20, threshold=4),
        case([40, 41, 42, 60], "z_score", estimator="Median", threshold=4),
        case([40, 41, 42, 60], "seasonal", threshold=5),
        case([40, 43, 60], "relative_change", maximumDecrease=0.5, maximumIncrease=1),  # the drop and, where it has lasted, the return
        case([40, 60], "relative_change", maximumDecrease=0.5),
    ])


def missing():
    rng = random.Random(8)
    values = [50 + noise(rng, 1) for _ in range(80)]
    for i in (0, 20, 21, 49, 60):
        values[i] = None
    values[50] = values[61] = 60
    return entry("missing values", "50 with a deviation of 1; no value at 0, 20, 21, 49, 60; 60 at 50 and 61", values, [
        case([50, 61], "online_z_score"),
        case([50, 61], "z_score", estimator="Median", threshold=4),
        case([50, 61], "absolute_change", maximumDecrease=6, maximumIncrease=6),
        case([50, 61], "relative_change", maximumDecrease=0.12, maximumIncrease=0.12),
        case([50, 61], "absolute_change", maximumDecrease=6, maximumIncrease=6, lag=7),
        case([50, 61], "seasonal", threshold=5),
        case([0, 20, 21, 49, 60], "threshold", maximum=1000, requireValue=True),
    ])


def constant():
    values = [1.0] * 40
    values[25] = 0.97
    return entry("constant", "1, and 0.97 at 25", values, [
        case([25], "z_score"),
        case([25], "z_score", estimator="Median"),
        case([25], "online_z_score"),
        case([25], "online_z_score", estimator="Median"),
        case([], "online_z_score", minimumDeviation=0.02),
        case([25], "seasonal"),
        case([25], "absolute_change", maximumDecrease=0.01),
    ])


def monthly():
    rng = random.Random(9)
    times = [datetime.datetime(2018 + i // 12, i % 12 + 1, 1, tzinfo=datetime.timezone.utc) for i in range(84)]
    values = [YEAR[i % 12] + i + noise(rng, 4) for i in range(84)]
    values[52] -= 60
    values[66] += 60
    return entry("yearly season", f"the first of each month: by month {YEAR}, and 1 more each month, with a deviation of 4; 60 too few at 52, 60 too many at 66", values, [
        case([52, 66], "seasonal", period=12, threshold=5),
    ], times)


def main():
    series = [spikes(), level_shift(), trend(), weekly(), weekly_with_gaps(), slow_drift(), drop_to_zero(), missing(), constant(), monthly()]
    with open(os.path.join(HERE, "series.json"), "w", encoding="utf-8") as file:
        file.write("[\n" + ",\n".join(json.dumps(s) for s in series) + "\n]\n")


if __name__ == "__main__":
    main()
