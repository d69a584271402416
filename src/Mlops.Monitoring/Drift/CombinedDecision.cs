using Mlops.Evaluation;

namespace Mlops.Monitoring;

/// <summary>One verdict from several tests of the same data, corrected for their number.</summary>
/// <remarks>
/// The p-values are corrected by Holm. Drift is what one test finds both significant after that and larger than its minimum effect. As the tests have different scales, the effect is
/// the one test's effect divided by its minimum effect. The one test is, of those with a large enough effect, the one with the smallest p-value: a report that corrects it again, for all of its tests,
/// then comes to drift if and only if it would of any of them. No corrected p-value is below the smallest times the number of tests, so that whichever is taken keeps the level.
/// </remarks>
internal static class CombinedDecision
{
    public static DriftResult Decide(IDriftTest test, IReadOnlyList<(IDriftTest Test, DriftResult Result)> parts, DriftTestOptions options)
    {
        var (n, m) = (parts.Max(part => part.Result.ReferenceCount), parts.Max(part => part.Result.CurrentCount));
        List<(IDriftTest Test, DriftResult Result)> told = [.. parts.Where(part => part.Result is { Verdict: DriftVerdict.Drift or DriftVerdict.NoDrift, PValue: not null, Effect: not null })];
        if (told.Count == 0)
        {
            var isShort = parts.All(part => part.Result.Verdict == DriftVerdict.NotEnoughData);
            return new DriftResult(test.Name, isShort ? DriftVerdict.NotEnoughData : DriftVerdict.NotComputable, string.Join(" ", parts.Select(part => $"{part.Test.Name}: {part.Result.Reason}").Distinct()), n, m);
        }

        var adjusted = MultipleTesting.Adjust([.. told.Select(part => part.Result.PValue!.Value)], Correction.Holm);
        double Ratio(int i) => told[i].Result.Effect!.Value / told[i].Test.DefaultMinimumEffect;
        var minimum = options.MinimumEffect ?? test.DefaultMinimumEffect;
        var places = Enumerable.Range(0, told.Count);
        var large = places.Where(i => Ratio(i) >= minimum).OrderBy(i => adjusted[i]).ThenByDescending(Ratio);
        // Where none is large, the largest of those that are significant; else the most significant one.
        var small = places.OrderBy(i => adjusted[i] <= options.Significance ? (0, -Ratio(i)) : (1, adjusted[i]));
        var best = large.Concat(small).First();
        var (found, result) = told[best];
        var ratio = Ratio(best);
        var decided = DriftDecision.Decide(
            test,
            new DriftMeasurement(found.Name, result.Statistic ?? 0, adjusted[best], ratio, null, result.EffectInterval is { } interval
                ? interval with { Lower = interval.Lower / found.DefaultMinimumEffect, Upper = interval.Upper / found.DefaultMinimumEffect }
                : null),
            n, m, options);
        // All that found it, the clearest first.
        var finders = places.Where(i => adjusted[i] <= options.Significance && Ratio(i) >= minimum).OrderByDescending(Ratio).Select(i => told[i].Test.Name);
        var left = string.Concat(parts.Where(part => !told.Contains(part)).Select(part => $" Without {part.Test.Name}: {part.Result.Reason}"));
        return decided with { Reason = (decided.Verdict == DriftVerdict.Drift ? $"Found by {string.Join(", ", finders)}. " : "") + decided.Reason + left };
    }

    /// <summary>Options for a part: its p-value and effect are wanted, its verdict is not.</summary>
    /// <param name="options">The options of the whole.</param>
    /// <param name="parts">The number of parts: the smallest p-value of them must be able to get below the significance divided by it.</param>
    public static DriftTestOptions ForParts(DriftTestOptions options, int parts)
        => new() { Significance = options.Significance / parts, MinimumCount = options.MinimumCount, ConfidenceLevel = options.ConfidenceLevel };
}
