using System.Globalization;

namespace Mlops.Evaluation;

/// <summary>What a metric comes to: a number, or the reason for which it has none for these data. Never NaN.</summary>
public readonly record struct MetricValue
{
    private readonly double _value;
    private readonly bool _isDefined;
    private readonly string? _reason;

    private MetricValue(double value, bool isDefined, string? reason)
    {
        _value = value;
        _isDefined = isDefined;
        _reason = reason;
    }

    /// <summary>Gets whether there is a number.</summary>
    public bool IsDefined => _isDefined;

    /// <summary>Gets the number; it may be infinite.</summary>
    /// <exception cref="InvalidOperationException">The metric is undefined for these data; the message tells why.</exception>
    public double Value => _isDefined ? _value : throw new InvalidOperationException($"The metric is undefined: {UndefinedReason}. Ask {nameof(IsDefined)} first.");

    /// <summary>Gets the number; <see langword="null"/> where the metric is undefined.</summary>
    public double? ValueOrNull => _isDefined ? _value : null;

    /// <summary>Gets why there is no number; <see langword="null"/> where there is one.</summary>
    public string? UndefinedReason => _isDefined ? null : _reason ?? "it was not computed";

    /// <summary>Makes a value of a number. NaN, which only numbers too large to compute with come to, makes it undefined.</summary>
    /// <param name="value">The number.</param>
    public static implicit operator MetricValue(double value) => Of(value);

    /// <summary>Makes a value of a number. NaN, which only numbers too large to compute with come to, makes it undefined.</summary>
    /// <param name="value">The number.</param>
    /// <returns>The value.</returns>
    public static MetricValue Of(double value) => double.IsNaN(value) ? Undefined("the numbers are too large to compute with") : new(value, true, null);

    /// <summary>Makes a value that is none.</summary>
    /// <param name="reason">Why: <c>only one class occurs</c>.</param>
    /// <returns>The value.</returns>
    public static MetricValue Undefined(string reason)
    {
        ArgumentException.ThrowIfNullOrEmpty(reason);
        return new(0, false, reason);
    }

    /// <summary>Writes the number in the invariant culture, or why there is none.</summary>
    /// <returns>The text: <c>0.8123</c>, <c>undefined (only one class occurs)</c>.</returns>
    public override string ToString() => _isDefined ? _value.ToString("0.0000", CultureInfo.InvariantCulture) : $"undefined ({UndefinedReason})";
}
