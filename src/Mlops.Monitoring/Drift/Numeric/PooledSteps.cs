namespace Mlops.Monitoring;

/// <summary>Walks two sorted samples together, from one different value to the next.</summary>
internal ref struct PooledSteps(ReadOnlySpan<double> x, ReadOnlySpan<double> y)
{
    private readonly ReadOnlySpan<double> _x = x;
    private readonly ReadOnlySpan<double> _y = y;

    /// <summary>Gets the number of reference values below the present one.</summary>
    public int Below { get; private set; }

    /// <summary>Gets the number of current values below it.</summary>
    public int BelowCurrent { get; private set; }

    /// <summary>Gets the number of reference values equal to it.</summary>
    public int At { get; private set; }

    /// <summary>Gets the number of current values equal to it.</summary>
    public int AtCurrent { get; private set; }

    /// <summary>Gets the present value.</summary>
    public double Value { get; private set; }

    /// <summary>Goes to the next value; <see langword="false"/> when there is none.</summary>
    public bool MoveNext()
    {
        var (i, j) = (Below + At, BelowCurrent + AtCurrent);
        (Below, BelowCurrent) = (i, j);
        if (i == _x.Length && j == _y.Length) return false;
        var value = i == _x.Length ? _y[j] : j == _y.Length ? _x[i] : Math.Min(_x[i], _y[j]);
        while (i < _x.Length && _x[i] <= value) i++;
        while (j < _y.Length && _y[j] <= value) j++;
        (At, AtCurrent, Value) = (i - Below, j - BelowCurrent, value);
        return true;
    }
}
