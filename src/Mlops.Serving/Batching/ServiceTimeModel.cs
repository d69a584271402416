namespace Mlops.Serving;

/// <summary>How long a batch of n rows takes: a·n + b, learned from every batch.</summary>
/// <remarks>
/// <para>Least squares with exponentially fading weights (recursive least squares in information form: the five sums are the whole state, so nothing winds up
/// while all batches have one size; then the slope is kept and the intercept follows). a, b ≥ 0.</para>
/// <para>Robust: times are disturbed upwards only (collections, other processes), so a time beyond four mean deviations above the line counts as if it were there (Winsor).
/// A real change of pace shows in several times in a row and makes the past fade at once.</para>
/// <para>Not safe for concurrent use.</para>
/// </remarks>
internal sealed class ServiceTimeModel
{
    /// <summary>About the last hundred batches count.</summary>
    private const double Memory = 0.99;

    /// <summary>The first batches meet cold code.</summary>
    private const int Skipped = 2;

    private const int Required = 4;
    private const double Tolerance = 4;

    /// <summary>Of the normal distribution, one value in a hundred is further above its mean.</summary>
    private const double MarginDeviations = 3;

    private const int SlowerInARow = 8;
    private const int FasterInARow = 3;
    private const double Fading = 0.05;

    private double _weight;
    private double _rows;
    private double _rowsSquared;
    private double _seconds;
    private double _rowSeconds;
    private double _deviation;
    private int _observed;
    private int _slower;
    private int _faster;

    /// <summary>Gets a: the seconds for each further row.</summary>
    public double RowSeconds { get; private set; }

    /// <summary>Gets b: the seconds of a batch, whatever its rows.</summary>
    public double BatchSeconds { get; private set; }

    /// <summary>Gets whether enough batches were seen.</summary>
    public bool IsKnown => _observed >= Skipped + Required;

    /// <summary>The expected seconds of a batch; 0 before anything is known.</summary>
    public double Predict(double rows) => IsKnown ? (RowSeconds * rows) + BatchSeconds : 0;

    /// <summary>By how many seconds a batch may take longer than expected, and nobody wonders; at most as much again as the smallest one takes.</summary>
    public double Margin => IsKnown ? Math.Min(MarginDeviations * _deviation, Predict(1)) : 0;

    /// <summary>The largest batch that is expected to end in time, at most <paramref name="limit"/> rows; 0 when not even one row is.</summary>
    public int MaxRowsWithin(double seconds, int limit)
    {
        if (!IsKnown) return limit;
        var rest = seconds - BatchSeconds;
        if (rest < RowSeconds) return 0;
        return rest >= RowSeconds * limit ? limit : (int)(rest / RowSeconds);
    }

    public void Observe(int rows, double seconds)
    {
        // Not counted any further: a count of all would overflow one day.
        if (!IsKnown && _observed++ < Skipped) return;
        if (IsKnown) seconds = Temper(seconds, Predict(rows));
        _weight = (Memory * _weight) + 1;
        _rows = (Memory * _rows) + rows;
        _rowsSquared = (Memory * _rowsSquared) + ((double)rows * rows);
        _seconds = (Memory * _seconds) + seconds;
        _rowSeconds = (Memory * _rowSeconds) + (rows * seconds);
        Solve();
    }

    private double Temper(double seconds, double expected)
    {
        _slower = seconds > 2 * expected ? _slower + 1 : 0;
        _faster = seconds < expected / 2 ? _faster + 1 : 0;
        if (_slower >= SlowerInARow || _faster >= FasterInARow) Forget();
        var error = seconds - expected;
        var bound = Tolerance * _deviation;
        if (_deviation > 0 && error > bound && _slower < SlowerInARow) (seconds, error) = (expected + bound, bound);
        _deviation += 0.05 * (Math.Abs(error) - _deviation);
        return seconds;
    }

    private void Forget()
    {
        _weight *= Fading;
        _rows *= Fading;
        _rowsSquared *= Fading;
        _seconds *= Fading;
        _rowSeconds *= Fading;
    }

    private void Solve()
    {
        var (meanRows, meanSeconds) = (_rows / _weight, _seconds / _weight);
        var variance = (_rowsSquared / _weight) - (meanRows * meanRows);
        // Sizes that hardly differ tell nothing of the slope.
        var slope = variance > 0.001 * meanRows * meanRows ? ((_rowSeconds / _weight) - (meanRows * meanSeconds)) / variance : RowSeconds;
        RowSeconds = Math.Clamp(slope, 0, meanSeconds / meanRows);
        BatchSeconds = meanSeconds - (RowSeconds * meanRows);
    }
}
