using System.Globalization;

namespace Mlops.Data;

/// <summary>How large the parts of a split are, and which seed draws them. Training gets what the others leave.</summary>
public sealed record SplitOptions
{
    /// <summary>Gets the share of the rows by which the model is judged, above 0 and below 1.</summary>
    /// <value>The default value is 0.2.</value>
    public double TestRatio { get; init; } = 0.2;

    /// <summary>Gets the share of the rows on which the model is tuned, from 0 (no such part) to below 1.</summary>
    /// <value>The default value is 0.</value>
    public double ValidationRatio { get; init; }

    /// <summary>Gets the seed: another seed makes another split. For <see cref="DatasetSplitter.ByKey"/> it is the salt of the hash; a split by time does not use it.</summary>
    /// <value>The default value is 0.</value>
    public ulong Seed { get; init; }

    internal static SplitOptions Default { get; } = new();

    internal bool HasValidation => ValidationRatio > 0;

    /// <summary>Gets the shares of training, validation and test, in this order.</summary>
    internal double[] Ratios => [1 - ValidationRatio - TestRatio, ValidationRatio, TestRatio];

    /// <summary>Describes the options.</summary>
    /// <returns>The shares and the seed.</returns>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"test {TestRatio}, validation {ValidationRatio}, seed {Seed}");

    internal SplitOptions Check()
    {
        if (!(TestRatio is > 0 and < 1))
            throw new ArgumentOutOfRangeException(nameof(TestRatio), TestRatio, "The share of the test rows is above 0 and below 1; 0.2 is usual.");
        if (!(ValidationRatio is >= 0 and < 1))
            throw new ArgumentOutOfRangeException(nameof(ValidationRatio), ValidationRatio, "The share of the validation rows is at least 0 and below 1.");
        if (TestRatio + ValidationRatio >= 1)
            throw new ArgumentOutOfRangeException(nameof(ValidationRatio), ValidationRatio, $"{nameof(TestRatio)} and {nameof(ValidationRatio)} leave no rows to learn from; together they must be below 1.");
        return this;
    }
}
