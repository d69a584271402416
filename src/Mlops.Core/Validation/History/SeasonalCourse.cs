using System.Globalization;

namespace Mlops.Validation;

/// <summary>Goes through the runs of a metric once, judging each by a <see cref="SeasonalRule"/>.</summary>
internal sealed class SeasonalCourse(SeasonalRule rule, IReadOnlyList<MetricPoint> points)
{
    private const int LeastErrors = 4;
    private const int LeastSmoothingErrors = 8;
    private const int FittedWeights = 3;
    private const int RefitShare = 10;

    private readonly SlotClock _clock = new(rule, points);
    private readonly int _period = rule.Period;

    // The normal values by slot, NaN where there is none; the slot of the present run is not among them before the next one begins.
    private readonly List<double> _slots = [];
    private readonly List<(int Slot, double Value)> _anomalies = [];
    private double _present = double.NaN;
    private bool _isBegun;
    private int _seen;
    private string _beginning = "the first run";
    private HoltWinters? _smoothing;
    private ErrorSpread _spread = new();
    private int _nextFit;

    public MetricJudgement Judge(MetricPoint point)
    {
        Advance(_clock.Advance(point.At));
        _seen++;
        if (point.Value is not { } value) return MetricJudgement.NoValue;
        var judgement = JudgeValue(value);
        if (judgement.Verdict == MetricVerdict.Anomaly)
        {
            _anomalies.Add((_slots.Count, value));
            if (_anomalies.Count == rule.RestartAfter) RestartWithAnomalies();
        }
        else
        {
            _anomalies.Clear();
            _present = value;
        }

        return judgement;
    }

    private MetricJudgement JudgeValue(double value)
    {
        var slot = _slots.Count;
        // The spacing is known only after the first runs; a verdict before could change with it.
        if (rule.Spacing is null && !rule.CountRuns && _seen <= _period + 1) return NotEnough($"the time between runs is known after {_period + 1} of them");
        if (slot < 2 * _period)
            return NotEnough($"{slot} slots have passed since {_beginning}, and the rule needs two seasons of {_period}");
        if (slot >= (long)rule.SmoothingSeasons * _period && Smooth() is { } smoothing)
        {
            var expected = smoothing.Expect(slot % _period);
            return double.IsFinite(expected) ? Of(value, expected, _spread.Measure(rule.Estimator, FittedWeights), smoothing.SizeAt(slot % _period)) : NoEarlier();
        }

        var before = BeforeBySeason(slot);
        if (double.IsNaN(before)) return NoEarlier();
        var spread = new ErrorSpread();
        for (var i = _period; i < slot; i++) spread.Add(_slots[i] - BeforeBySeason(i));
        return spread.Count >= LeastErrors
            ? Of(value, before, spread.Measure(rule.Estimator, 0), before)
            : NotEnough($"{spread.Count} values can be compared with one a season before, and the rule needs {LeastErrors}");

        MetricJudgement NoEarlier() => NotEnough($"no normal value stands in this place of the season since {_beginning}");
    }

    private MetricJudgement Of(double value, double expected, double deviation, double size)
        => double.IsNaN(deviation) || !double.IsFinite(expected)
            ? MetricJudgement.NotEnough("the values before are too large to reckon with")
            : MetricJudgement.Of(value, MetricBaseline.Around(expected, deviation, rule.Threshold, rule.MinimumDeviation, size));

    private static MetricJudgement NotEnough(FormattableString reason) => MetricJudgement.NotEnough(reason.ToString(CultureInfo.InvariantCulture));

    /// <summary>The last normal value in the same place of the season; NaN where there is none.</summary>
    private double BeforeBySeason(int slot)
    {
        for (var i = slot - _period; i >= 0; i -= _period)
        {
            if (!double.IsNaN(_slots[i])) return _slots[i];
        }

        return double.NaN;
    }

    private HoltWinters? Smooth()
    {
        if (_slots.Count < _nextFit) return _smoothing;
        _nextFit = _slots.Count + Math.Max(_period, _slots.Count / RefitShare);
        var fit = HoltWintersFit.Create([.. _slots], _period);
        _smoothing = fit.Errors.Count >= LeastSmoothingErrors ? fit.State : null;
        _spread = new ErrorSpread();
        foreach (var error in fit.Errors) _spread.Add(error);
        return _smoothing;
    }

    private void Advance(long slots)
    {
        if (slots > _period)
        {
            // The first run has nothing before it that could be closed, and a long pause nothing that could be bridged.
            Restart(string.Create(CultureInfo.InvariantCulture, $"a pause of {slots} slots"));
        }
        else if (_isBegun)
        {
            for (var i = 0; i < slots; i++) Close();
        }

        _isBegun = true;
    }

    private void Close()
    {
        if (_smoothing is not null)
        {
            _spread.Add(_present - _smoothing.Expect(_slots.Count % _period));
            _smoothing.Step(_slots.Count % _period, _present);
        }

        _slots.Add(_present);
        _present = double.NaN;
    }

    private void Restart(string beginning)
    {
        _slots.Clear();
        _anomalies.Clear();
        _present = double.NaN;
        _smoothing = null;
        _nextFit = 0;
        _beginning = beginning;
    }

    private void RestartWithAnomalies()
    {
        var (anomalies, slot) = (_anomalies.ToArray(), _slots.Count);
        Restart(string.Create(CultureInfo.InvariantCulture, $"{anomalies.Length} anomalies in a row"));
        var values = Enumerable.Repeat(double.NaN, slot - anomalies[0].Slot + 1).ToArray();
        foreach (var anomaly in anomalies) values[anomaly.Slot - anomalies[0].Slot] = anomaly.Value;
        _slots.AddRange(values[..^1]);
        _present = values[^1];
    }
}
