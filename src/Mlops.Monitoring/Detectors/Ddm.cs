namespace Mlops.Monitoring;

/// <summary>Drift detection method: an error rate that rises above its best so far by several standard deviations.</summary>
/// <remarks>
/// <para>Takes 1 for an error and 0 for a right prediction (any value but 0 is an error). Memory O(1), time O(1) a value.</para>
/// <para>As long as no error occurred its deviation is 0, so the first error after the warm-up is drift: use it for streams with errors.</para>
/// <para>Source: J. Gama, P. Medas, G. Castillo, P. Rodrigues, "Learning with drift detection", SBIA 2004; decisions agree with river's detector of that name.</para>
/// </remarks>
public sealed class Ddm : IDriftDetector
{
    private const string Kind = "ddm";
    private readonly DdmOptions _options;
    private long _count;
    private double _rate;
    private double _bestRate;
    private double _bestDeviation;
    private bool _resetsNext;

    /// <summary>Creates a detector.</summary>
    /// <param name="options">Its settings; the defaults when <see langword="null"/>.</param>
    public Ddm(DdmOptions? options = null)
    {
        _options = options ?? new DdmOptions();
        ArgumentOutOfRangeException.ThrowIfNegative(_options.WarmUpCount, nameof(options));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(_options.WarningThreshold, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(_options.DriftThreshold, _options.WarningThreshold, nameof(options));
        Reset();
    }

    /// <inheritdoc/>
    public DriftState Update(double value)
    {
        if (!double.IsFinite(value)) return DriftState.Stable;
        if (_resetsNext) Reset();
        _count++;
        _rate += ((value != 0 ? 1 : 0) - _rate) / _count;
        if (_count <= _options.WarmUpCount) return DriftState.Stable;
        var deviation = Math.Sqrt(Math.Max(0, _rate * (1 - _rate)) / _count);
        if (_rate + deviation <= _bestRate + _bestDeviation) (_bestRate, _bestDeviation) = (_rate, deviation);
        _resetsNext = _rate + deviation > _bestRate + (_options.DriftThreshold * _bestDeviation);
        if (_resetsNext) return DriftState.Drift;
        return _rate + deviation > _bestRate + (_options.WarningThreshold * _bestDeviation) ? DriftState.Warning : DriftState.Stable;
    }

    /// <inheritdoc/>
    public void Reset()
    {
        _count = 0;
        _rate = 0;
        _bestRate = _bestDeviation = double.PositiveInfinity;
        _resetsNext = false;
    }

    /// <inheritdoc/>
    public DetectorState Save() => new(Kind, new Dictionary<string, double[]>(StringComparer.Ordinal)
    {
        ["rates"] = [_count, _rate, _bestRate, _bestDeviation, _resetsNext ? 1 : 0],
    });

    /// <inheritdoc/>
    public void Restore(DetectorState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        state.Require(Kind);
        var rates = state.Get("rates", 5);
        (_count, _rate, _bestRate, _bestDeviation, _resetsNext) = ((long)rates[0], rates[1], rates[2], rates[3], rates[4] != 0);
    }
}
