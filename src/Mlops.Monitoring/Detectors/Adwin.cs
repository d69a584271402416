namespace Mlops.Monitoring;

/// <summary>Adaptive windowing: keeps a window that is as long as its mean is the same, and reports drift when it has to shorten it.</summary>
/// <remarks>
/// <para>The window is an exponential histogram: row i holds up to <see cref="AdwinOptions.MaximumBuckets"/> buckets of 2^i values, so memory is
/// O(log window) and the time O(log window) amortised a value. It says drift but never warns. Any numbers will do; no scale has to be chosen.</para>
/// <para>Source: A. Bifet, R. Gavaldà, "Learning from time-changing data with adaptive windowing", SDM 2007.</para>
/// </remarks>
public sealed class Adwin : IDriftDetector
{
    private const string Kind = "adwin";
    private readonly AdwinOptions _options;
    private readonly List<AdwinRow> _rows = [];
    private long _ticks;
    private double _total;
    private double _squares;
    private bool _resetsNext;

    /// <summary>Creates a detector.</summary>
    /// <param name="options">Its settings; the defaults when <see langword="null"/>.</param>
    public Adwin(AdwinOptions? options = null)
    {
        _options = options ?? new AdwinOptions();
        if (!(_options.Delta is > 0 and < 1)) throw new ArgumentOutOfRangeException(nameof(options), _options.Delta, "Delta lies between 0 and 1.");
        ArgumentOutOfRangeException.ThrowIfLessThan(_options.Clock, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(_options.MaximumBuckets, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(_options.MinimumWindow, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfNegative(_options.GracePeriod, nameof(options));
        Reset();
    }

    /// <summary>Gets the number of values in the window.</summary>
    public long Width { get; private set; }

    /// <summary>Gets the mean of the window; NaN when it is empty.</summary>
    public double Mean => Width == 0 ? double.NaN : _total / Width;

    /// <summary>Gets the population variance of the window; NaN when it is empty.</summary>
    public double Variance => Width == 0 ? double.NaN : _squares / Width;

    /// <inheritdoc/>
    public DriftState Update(double value)
    {
        if (!double.IsFinite(value)) return DriftState.Stable;
        if (_resetsNext) Reset();
        _ticks++;
        Insert(value);
        if (_ticks % _options.Clock != 0 || Width <= _options.GracePeriod) return DriftState.Stable;
        var hasChanged = false;
        while (FindCut())
        {
            hasChanged = true;
            DropOldest();
        }

        _resetsNext = hasChanged && _options.IsRiverCompatible;
        return hasChanged ? DriftState.Drift : DriftState.Stable;
    }

    /// <inheritdoc/>
    public void Reset()
    {
        _rows.Clear();
        _rows.Add(new AdwinRow(_options.MaximumBuckets));
        Width = 0;
        _ticks = 0;
        _total = _squares = 0;
        _resetsNext = false;
    }

    /// <inheritdoc/>
    public DetectorState Save()
    {
        var values = new Dictionary<string, double[]>(StringComparer.Ordinal)
        {
            ["window"] = [_ticks, Width, _total, _squares, _resetsNext ? 1 : 0, _rows.Count],
        };
        for (var row = 0; row < _rows.Count; row++)
        {
            values[$"totals{row}"] = _rows[row].Totals.ToArray();
            values[$"squares{row}"] = _rows[row].Squares.ToArray();
        }

        return new DetectorState(Kind, values);
    }

    /// <inheritdoc/>
    public void Restore(DetectorState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        state.Require(Kind);
        var window = state.Get("window", 6);
        var rows = new List<AdwinRow>();
        for (var row = 0; row < (int)window[5]; row++)
        {
            var totals = state.Get($"totals{row}");
            var squares = state.Get($"squares{row}", totals.Length);
            if (totals.Length > _options.MaximumBuckets)
                throw new ArgumentException($"The state has {totals.Length} buckets in a row; this detector keeps {_options.MaximumBuckets}. Restore it into one of the same settings.", nameof(state));
            var restored = new AdwinRow(_options.MaximumBuckets);
            for (var i = 0; i < totals.Length; i++) restored.Add(totals[i], squares[i]);
            rows.Add(restored);
        }

        if (rows.Count == 0) throw new ArgumentException("The state has no rows.", nameof(state));
        _rows.Clear();
        _rows.AddRange(rows);
        (_ticks, Width, _total, _squares, _resetsNext) = ((long)window[0], (long)window[1], window[2], window[3], window[4] != 0);
    }

    private void Insert(double value)
    {
        _rows[0].Add(value, 0);
        Width++;
        if (Width > 1)
        {
            var others = Width - 1.0;
            var difference = value - (_total / others);
            _squares += others * difference * difference / Width;
        }

        _total += value;
        for (var row = 0; row < _rows.Count && _rows[row].Count > _options.MaximumBuckets; row++)
        {
            if (row + 1 == _rows.Count) _rows.Add(new AdwinRow(_options.MaximumBuckets));
            MergeOldestPair(row);
        }
    }

    private void MergeOldestPair(int row)
    {
        var size = SizeOf(row);
        var buckets = _rows[row];
        var (first, second) = (buckets.Totals[0], buckets.Totals[1]);
        var difference = (first / size) - (second / size);
        var squares = buckets.Squares[0] + buckets.Squares[1] + (size * size * difference * difference / (size + size));
        _rows[row + 1].Add(first + second, squares);
        buckets.RemoveOldest(2);
    }

    /// <summary>Looks, from the oldest bucket on, for a place where the means of both sides differ.</summary>
    private bool FindCut()
    {
        // The window may have shrunk to nothing that could be divided.
        if (Width < 2) return false;
        double n0 = 0, total0 = 0;
        double n1 = Width, total1 = _total;
        var deltaPrime = Math.Log(2 * Math.Log(Width) / _options.Delta);
        var variance = _squares / Width;
        for (var row = _rows.Count - 1; row >= 0; row--)
        {
            var totals = _rows[row].Totals;
            var size = SizeOf(row);
            var places = _options.IsRiverCompatible || row == 0 ? totals.Length - 1 : totals.Length;
            for (var i = 0; i < places; i++)
            {
                n0 += size;
                n1 -= size;
                total0 += totals[i];
                total1 -= totals[i];
                if (n0 < _options.MinimumWindow || n1 < _options.MinimumWindow) continue;
                var difference = (total0 / n0) - (total1 / n1);
                var reciprocal = (1 / (n0 - _options.MinimumWindow + 1)) + (1 / (n1 - _options.MinimumWindow + 1));
                var epsilon = Math.Sqrt(2 * reciprocal * variance * deltaPrime) + (2.0 / 3.0 * deltaPrime * reciprocal);
                if (Math.Abs(difference) > epsilon) return true;
            }
        }

        return false;
    }

    private void DropOldest()
    {
        var last = _rows.Count - 1;
        var size = SizeOf(last);
        var (total, squares) = (_rows[last].Totals[0], _rows[last].Squares[0]);
        Width -= (long)size;
        _total -= total;
        var difference = (total / size) - (_total / Width);
        _squares = Math.Max(0, _squares - squares - (size * Width * difference * difference / (size + Width)));
        _rows[last].RemoveOldest(1);
        // Rows in between may be empty; the last one must hold the oldest bucket.
        while (_rows.Count > 1 && _rows[^1].Count == 0) _rows.RemoveAt(_rows.Count - 1);
    }

    private static double SizeOf(int row) => Math.ScaleB(1, row);
}
