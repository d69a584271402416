using System.Numerics;

namespace Mlops.Validation;

/// <summary>What a batch of numbers comes to, at a fraction of a nanosecond a number: most batches meet their range, and need no look at each row.</summary>
internal readonly record struct NumberFacts(double Minimum, double Maximum, int NaNCount)
{
    /// <summary>Measures numbers; NaN is left out of minimum and maximum.</summary>
    public static NumberFacts Measure(ReadOnlySpan<double> values)
    {
        var (minimum, maximum, nans, i) = (double.PositiveInfinity, double.NegativeInfinity, 0, 0);
        if (values.Length >= Vector<double>.Count)
        {
            var (low, high, missing) = (new Vector<double>(minimum), new Vector<double>(maximum), Vector<long>.Zero);
            for (; i <= values.Length - Vector<double>.Count; i += Vector<double>.Count)
            {
                var vector = new Vector<double>(values[i..]);
                // A comparison with NaN is false, so NaN never takes the place of a number.
                low = Vector.ConditionalSelect(Vector.LessThan(vector, low), vector, low);
                high = Vector.ConditionalSelect(Vector.GreaterThan(vector, high), vector, high);
                missing += Vector.Equals(vector, vector);
            }

            // Each number was counted as -1.
            nans = i + (int)Vector.Sum(missing);
            for (var lane = 0; lane < Vector<double>.Count; lane++) (minimum, maximum) = (Math.Min(minimum, low[lane]), Math.Max(maximum, high[lane]));
        }

        for (; i < values.Length; i++)
        {
            if (double.IsNaN(values[i])) nans++;
            else (minimum, maximum) = (Math.Min(minimum, values[i]), Math.Max(maximum, values[i]));
        }

        return new NumberFacts(minimum, maximum, nans);
    }

    /// <summary>Describes the facts in the invariant culture.</summary>
    public override string ToString() => FormattableString.Invariant($"{Minimum} to {Maximum}, {NaNCount} NaN");
}
