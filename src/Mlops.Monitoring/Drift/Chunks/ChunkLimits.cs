using System.Globalization;
using Mlops.Profiles;

namespace Mlops.Monitoring;

/// <summary>The limits of effects that chunks of the reference give, by column and by what is looked at, and the verdicts by them.</summary>
/// <remarks>The test of a column must be the same for all chunks: the effects of different tests have different scales.</remarks>
internal sealed class ChunkLimits
{
    private readonly Dictionary<(string Column, DriftFindingKind Kind), Effects> _effects = [];
    private readonly ReferenceChunkRule _rule;

    public ChunkLimits(IReadOnlyList<ChunkProfile> chunks, ReferenceChunkRule rule, DriftReportOptions options)
    {
        _rule = rule;
        foreach (var (rest, chunk) in GetSplits(chunks))
        {
            foreach (var finding in DriftReport.Create(rest, chunk, options).Findings)
            {
                if (finding.Result.Effect is not { } effect) continue;
                var key = (finding.Column, finding.Kind);
                if (!_effects.TryGetValue(key, out var effects)) _effects.Add(key, effects = new Effects());
                effects.Values.Add(effect);
                effects.NoiseSum += GetNoise(finding.Result);
            }
        }

        ChunkCount = chunks.Count;
    }

    public int ChunkCount { get; }

    /// <summary>Decides anew, by the limits.</summary>
    public DriftReport Decide(DriftReport report, double significance)
    {
        // Each test gets its part, so that together they keep to the significance.
        var tests = Math.Max(1, report.Findings.Count(finding => finding.Result.Effect is not null));
        var findings = report.Findings.Select(finding => Decide(finding, significance / tests));
        return report with { Findings = DriftRanking.Order(findings, finding => finding.Result.Effect - finding.Result.Threshold) };
    }

    private DriftFinding Decide(DriftFinding finding, double significance)
    {
        if (finding.Result is not { Effect: { } effect } result) return finding;
        finding = finding with { AdjustedPValue = null }; // The limit decides instead.
        var limit = _effects.TryGetValue((finding.Column, finding.Kind), out var effects) ? GetLimit(effects, result, significance) : null;
        if (limit is not { } bound)
        {
            var reason = string.Create(CultureInfo.InvariantCulture, $"{effects?.Values.Count ?? 0} reference chunks could be compared; a limit needs {ReferenceChunks.MinimumCount}.");
            return finding with { Verdict = DriftVerdict.NotEnoughData, Result = result with { Verdict = DriftVerdict.NotEnoughData, Reason = reason, Threshold = null, ThresholdSource = "" } };
        }

        if (!double.IsFinite(bound))
        {
            const string Reason = "The effects of the reference chunks are so large that a limit is beyond the range of numbers.";
            return finding with { Verdict = DriftVerdict.NotComputable, Result = result with { Verdict = DriftVerdict.NotComputable, Reason = Reason, Threshold = null, ThresholdSource = "" } };
        }

        var minimum = finding.MinimumEffect ?? 0;
        var verdict = effect > bound && effect >= minimum ? DriftVerdict.Drift : DriftVerdict.NoDrift;
        var why = verdict == DriftVerdict.Drift ? "more than reference chunks differ and than the minimum effect" : effect > bound ? "more than reference chunks differ, but below the minimum effect" : "within what reference chunks differ";
        return finding with
        {
            Verdict = verdict,
            Result = result with
            {
                Verdict = verdict,
                Reason = string.Create(CultureInfo.InvariantCulture, $"Effect {DriftFigures.Format(effect)}, limit {DriftFigures.Format(bound)}: {why}."),
                Threshold = Math.Max(bound, minimum),
                ThresholdSource = bound >= minimum
                    ? string.Create(CultureInfo.InvariantCulture, $"{(_rule == ReferenceChunkRule.ThreeDeviations ? "mean + 3 standard deviations" : $"prediction interval at {significance:0.######}")} of {effects!.Values.Count} reference chunks")
                    : string.Create(CultureInfo.InvariantCulture, $"minimum effect {DriftFigures.Format(minimum)}"),
            },
        };
    }

    private double? GetLimit(Effects effects, DriftResult result, double significance)
    {
        var values = effects.Values.ToArray();
        if (_rule == ReferenceChunkRule.ThreeDeviations) return ReferenceChunks.GetThreeDeviationLimit(values);
        var scale = ReferenceChunks.GetScale(result.Test);
        // A smaller chunk than those of the reference has more chance in it.
        var ratio = Math.Max(1, GetNoise(result) * effects.Values.Count / effects.NoiseSum);
        return ReferenceChunks.GetUpperLimit(values, significance, scale) * (scale == StatisticScale.Divergence ? ratio : Math.Sqrt(ratio));
    }

    /// <summary>Gets what chance is proportional to, squared: 1/n + 1/m.</summary>
    private static double GetNoise(DriftResult result) => (1.0 / Math.Max(1, result.ReferenceCount)) + (1.0 / Math.Max(1, result.CurrentCount));

    /// <summary>Gets each chunk and the rest of the reference, with about three merges for each.</summary>
    private static IEnumerable<(DatasetProfile Others, DatasetProfile Chunk)> GetSplits(IReadOnlyList<ChunkProfile> chunks)
    {
        if (chunks.Count < 2) yield break;
        // after[i] describes the chunks from i on.
        var after = new DatasetProfile?[chunks.Count + 1];
        for (var i = chunks.Count - 1; i > 0; i--)
        {
            after[i] = ChunkedProfiles.Merge([chunks[i]]);
            if (after[i + 1] is { } next) after[i]!.Merge(next);
        }

        DatasetProfile? before = null;
        for (var i = 0; i < chunks.Count; i++)
        {
            var rest = before is null ? after[1]! : DatasetProfile.FromBytes(before.ToBytes());
            if (before is not null && after[i + 1] is { } next) rest.Merge(next);
            yield return (rest, chunks[i].Profile);
            if (before is null) before = ChunkedProfiles.Merge([chunks[0]]);
            else before.Merge(chunks[i].Profile);
        }
    }

    private sealed class Effects
    {
        public List<double> Values { get; } = [];

        public double NoiseSum { get; set; }
    }
}
