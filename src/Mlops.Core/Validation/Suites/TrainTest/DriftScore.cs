namespace Mlops.Validation;

/// <summary>How much the distribution of a column differs between the datasets.</summary>
/// <param name="Column">The name of the column.</param>
/// <param name="IsNumeric">Whether the values are numbers or times, and the score a Kolmogorov–Smirnov statistic; otherwise it is Cramér's V.</param>
/// <param name="Value">The score, 0..1.</param>
/// <param name="Error">The largest error of the score by sketches; 0 where it is exact.</param>
/// <param name="Chance">The score that samples of one distribution, of this size, reach once in a thousand times.</param>
/// <param name="TrainCount">The number of training rows with a value.</param>
/// <param name="TestCount">The number of test rows with a value.</param>
internal sealed record DriftScore(string Column, bool IsNumeric, double Value, double Error, double Chance, long TrainCount, long TestCount)
{
    /// <summary>Compares numbers by the two-sample Kolmogorov–Smirnov statistic.</summary>
    public static DriftScore OfNumbers(string column, NumberDistribution train, NumberDistribution test)
    {
        var (statistic, error) = NumberDistribution.Compare(train, test);
        return new DriftScore(column, true, statistic, error, NumberDistribution.Chance(train.Count, test.Count), train.Count, test.Count);
    }

    /// <summary>Compares categories by Cramér's V.</summary>
    /// <param name="column">The name of the column.</param>
    /// <param name="counts">How often each category occurs in each dataset.</param>
    /// <param name="minimumRatio">Categories with a smaller share count as one.</param>
    public static DriftScore OfCategories(string column, IReadOnlyList<(long Train, long Test)> counts, double minimumRatio)
    {
        var (value, chance) = CramersV.Compute(counts, minimumRatio);
        return new DriftScore(column, false, value, 0, chance, counts.Sum(count => count.Train), counts.Sum(count => count.Test));
    }

    public string Show() => Error == 0 ? CheckText.Number(Value) : $"{CheckText.Number(Value)} ± {CheckText.Number(Error)}";

    /// <summary>Judges the score: <see langword="null"/> where its error does not let it be told from the limit. What chance explains is below every limit.</summary>
    public bool? IsBelow(double limit)
    {
        limit = Math.Max(limit, Chance);
        return Value + Error < limit ? true : Error == 0 || Value - Error >= limit ? Value < limit : null;
    }

    public IReadOnlyList<string> ToRow() => [Column, IsNumeric ? "Kolmogorov–Smirnov" : "Cramér's V", Show(), Wording.Count(TrainCount), Wording.Count(TestCount)];
}
