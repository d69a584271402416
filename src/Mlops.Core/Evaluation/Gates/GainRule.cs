using Mlops.Validation;

namespace Mlops.Evaluation;

/// <summary>What a candidate must gain over another model.</summary>
/// <param name="MinimumGain">The least gain, in the metric's unit.</param>
/// <param name="MinimumGainRatio">The least gain in units of the other's figure.</param>
/// <param name="Significance">How a gain is told from chance.</param>
/// <param name="Level">The probability with which a model that is no better passes.</param>
/// <param name="Samples">The number of bootstrap samples.</param>
/// <param name="Seed">Their seed.</param>
/// <param name="MinimumRows">The number of rows below which a gain cannot be told from chance.</param>
/// <param name="MinimumClassRows">The number of rows of the rarer class below which it cannot be told either.</param>
internal sealed record GainRule(double MinimumGain, double MinimumGainRatio, Significance Significance, double Level, int Samples, ulong Seed, int MinimumRows, int MinimumClassRows)
{
    /// <summary>Gets by how much a candidate may be worse that need not be better; <see langword="null"/> where it must be better.</summary>
    public double? EqualityMargin { get; init; }

    /// <summary>Judges all rows.</summary>
    /// <returns>The figure, and what to say of it.</returns>
    public (ModelCheckFigure Figure, string Reason) Judge(OutcomeMetric metric, PairedRows rows, string referenceName, CancellationToken cancellationToken)
    {
        var figure = new ModelCheckFigure(metric.Name, ValidationVerdict.Fail) { Rows = rows.Rows.Length, Reference = referenceName };
        var isTested = Significance != Significance.None;
        var few = FindTooFew(metric, rows.Candidate);
        var tested = few is null ? Significance : Significance.None;
        var estimate = GainEstimate.Of(metric, rows.Candidate, rows.Reference, tested, Level, Samples, Seed, cancellationToken);
        figure = figure with { Value = estimate.Value.ValueOrNull, ReferenceValue = estimate.OtherValue.ValueOrNull };
        if (double.IsNaN(estimate.Gain)) return Say(figure, $"{metric.Name} cannot be compared with {referenceName}: {Whose(estimate, referenceName)}{estimate.UndefinedReason}");
        figure = figure with { Gain = estimate.Gain, Interval = estimate.Interval, PValue = estimate.BetterPValue };
        var found = $"{metric.Name} {GateText.Figure(estimate.Value.Value)} against {GateText.Figure(estimate.OtherValue.Value)} of {referenceName}";
        if (rows.UnpredictedCount > 0)
            return Say(figure, $"{found}, but of {GateText.Rows(rows.UnpredictedCount)} that {referenceName} predicts the candidate gave no finite prediction");
        if (FindLack(estimate, isTested, few) is { } lack) return Say(figure, $"{found}: {lack}");
        var sure = estimate.Interval is { } interval ? $" ({GateText.Interval(interval)})" : "";
        return (figure with { Verdict = ValidationVerdict.Pass }, estimate.Gain > 0 ? $"{found}: better by {GateText.Figure(estimate.Gain)}{sure}" : $"{found}: as good{sure}");
    }

    /// <summary>Finds what keeps a gain from being enough.</summary>
    private string? FindLack(GainEstimate estimate, bool isTested, string? few)
    {
        var gain = estimate.Gain;
        if (EqualityMargin is { } margin)
        {
            if (estimate.IsSame) return null;
            if (gain < -margin) return $"worse by {GateText.Figure(-gain)}, {GateText.Figure(margin)} is allowed";
            if (!isTested) return null;
            if (estimate.Interval is not { } range) return Untold(estimate, few);
            return range.Lower < -margin - GainEstimate.EqualTo(estimate.Value.Value, estimate.OtherValue.Value) ? $"it may be worse by {GateText.Figure(-range.Lower)}, {GateText.Figure(margin)} is allowed ({GateText.Interval(range)})" : null;
        }

        if (!(gain > 0)) return gain == 0 ? "equal, not better" : $"worse by {GateText.Figure(-gain)}";
        if (gain < MinimumGain) return $"better by {GateText.Figure(gain)}, {GateText.Figure(MinimumGain)} was asked for";
        var least = MinimumGainRatio * Math.Abs(estimate.OtherValue.Value);
        if (gain < least) return $"better by {GateText.Figure(gain)}, {GateText.Figure(least)} ({GateText.Percent(MinimumGainRatio)}) was asked for";
        if (!isTested) return null;
        if (estimate.Interval is not { } interval || estimate.BetterPValue is not { } p) return Untold(estimate, few);
        return interval.Lower > 0 && p < Level ? null : $"better by {GateText.Figure(gain)}, but that may be chance ({GateText.Interval(interval)}, p {GateText.Figure(p)})";
    }

    /// <summary>Finds why rows are too few to tell a gain from chance.</summary>
    private string? FindTooFew(OutcomeMetric metric, ModelOutcomes rows)
    {
        var all = SupportingRows.CountAll(rows);
        if (all < MinimumRows) return $"{GateText.Rows(all)}{Worth(rows)} are too few to tell it from chance; {MinimumRows} are needed";
        return SupportingRows.CountOfClasses(metric, rows) is { } count && count < MinimumClassRows
            ? $"{GateText.Rows(count)}{Worth(rows)} of the rarest class are too few to tell it from chance; {MinimumClassRows} are needed"
            : null;
    }

    private static string Worth(ModelOutcomes rows) => rows.Weights.IsEmpty ? "" : " of equal weight, which these are worth,";

    private static string Untold(GainEstimate estimate, string? few) => few ?? $"it cannot be told from chance: {estimate.UndefinedReason}";

    private static string Whose(GainEstimate estimate, string referenceName)
        => !estimate.Value.IsDefined ? "that of the candidate is undefined: " : !estimate.OtherValue.IsDefined ? $"that of {referenceName} is undefined: " : "";

    private static (ModelCheckFigure, string) Say(ModelCheckFigure figure, string reason) => (figure with { Note = reason }, reason);
}
