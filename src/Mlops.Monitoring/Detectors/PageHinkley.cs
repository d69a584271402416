namespace Mlops.Monitoring;

/// <summary>Page–Hinkley test: cumulates the deviations from the running mean and compares them with their extreme.</summary>
/// <remarks>
/// <para>Memory O(1), time O(1) a value. It says drift but never warns.</para>
/// <para>Source: E. S. Page, "Continuous inspection schemes", Biometrika 41 (1954); decisions agree with river's detector of that name.</para>
/// </remarks>
/// <example><code>var detector = new PageHinkley(); if (detector.Update(error) == DriftState.Drift) …</code></example>
public sealed class PageHinkley : IDriftDetector
{
    private const string Kind = "page-hinkley";
    private readonly PageHinkleyOptions _options;
    private long _count;
    private double _mean;
    private double _increase;
    private double _decrease;
    private double _minimum;
    private double _maximum;
    private bool _resetsNext;

    /// <summary>Creates a detector.</summary>
    /// <param name="options">Its settings; the defaults when <see langword="null"/>.</param>
    public PageHinkley(PageHinkleyOptions? options = null)
    {
        _options = options ?? new PageHinkleyOptions();
        ArgumentOutOfRangeException.ThrowIfLessThan(_options.MinimumCount, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(_options.Threshold, nameof(options));
        ArgumentOutOfRangeException.ThrowIfNegative(_options.Delta, nameof(options));
        if (!(_options.Alpha is > 0 and <= 1)) throw new ArgumentOutOfRangeException(nameof(options), _options.Alpha, "Alpha is above 0 and at most 1.");
        Reset();
    }

    /// <inheritdoc/>
    public DriftState Update(double value)
    {
        if (!double.IsFinite(value)) return DriftState.Stable;
        if (_resetsNext) Reset();
        _count++;
        _mean += (value - _mean) / _count;
        var deviation = value - _mean;
        _increase = (_options.Alpha * _increase) + deviation - _options.Delta;
        _decrease = (_options.Alpha * _decrease) + deviation + _options.Delta;
        _minimum = Math.Min(_minimum, _increase);
        _maximum = Math.Max(_maximum, _decrease);
        if (_count < _options.MinimumCount) return DriftState.Stable;
        var hasRisen = _options.Direction != DriftDirection.Down && _increase - _minimum > _options.Threshold;
        var hasFallen = _options.Direction != DriftDirection.Up && _maximum - _decrease > _options.Threshold;
        _resetsNext = hasRisen || hasFallen;
        return _resetsNext ? DriftState.Drift : DriftState.Stable;
    }

    /// <inheritdoc/>
    public void Reset()
    {
        _count = 0;
        _mean = _increase = _decrease = 0;
        _minimum = double.PositiveInfinity;
        _maximum = double.NegativeInfinity;
        _resetsNext = false;
    }

    /// <inheritdoc/>
    public DetectorState Save() => new(Kind, new Dictionary<string, double[]>(StringComparer.Ordinal)
    {
        ["sums"] = [_count, _mean, _increase, _decrease, _minimum, _maximum, _resetsNext ? 1 : 0],
    });

    /// <inheritdoc/>
    public void Restore(DetectorState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        state.Require(Kind);
        var sums = state.Get("sums", 7);
        (_count, _mean, _increase, _decrease, _minimum, _maximum, _resetsNext) = ((long)sums[0], sums[1], sums[2], sums[3], sums[4], sums[5], sums[6] != 0);
    }
}
