namespace Mlops.Validation;

/// <summary>How tightly a schema is drawn around the data it is inferred from.</summary>
public sealed class SchemaInferenceOptions
{
    /// <summary>Gets by how much of the observed spread (largest minus smallest value) a range is widened on either side, 0 or more.</summary>
    /// <value>The default value is 0.5: half the spread on either side.</value>
    public double RangeMarginRatio { get; init; } = 0.5;

    /// <summary>Gets the largest number of different values for which a text column gets a set.</summary>
    /// <value>The default value is 100.</value>
    public int MaxSetSize { get; init; } = 100;

    internal void Check()
    {
        if (!(RangeMarginRatio >= 0) || double.IsInfinity(RangeMarginRatio)) throw new ArgumentOutOfRangeException(nameof(RangeMarginRatio), RangeMarginRatio, "The margin is a finite number, 0 or more.");
        ArgumentOutOfRangeException.ThrowIfNegative(MaxSetSize, nameof(MaxSetSize));
    }
}
