using Mlops.Validation;

namespace Mlops.Evaluation;

/// <summary>What a candidate may lose in slices that are protected.</summary>
/// <param name="MaximumLoss">The largest loss, in the metric's unit; <see langword="null"/> where only what chance does not explain counts.</param>
/// <param name="MinimumRows">The number of rows below which a slice is not judged.</param>
/// <param name="MinimumClassRows">The number of rows of the rarer class below which it is not judged either, unless losses are not tested.</param>
/// <param name="UnjudgedVerdict">What a slice comes to that is not judged.</param>
internal sealed record SliceProtection(double? MaximumLoss, int MinimumRows, int MinimumClassRows, ValidationVerdict UnjudgedVerdict)
{
    /// <summary>Judges slices; losses are corrected for their number by Holm's procedure.</summary>
    public ModelCheckFigure[] Judge(
        OutcomeMetric metric, PairedRows rows, IReadOnlyList<SliceRows> slices, GainRule gains, string referenceName, CancellationToken cancellationToken)
    {
        var taken = slices.Select(slice => rows.Take(slice.Rows)).ToArray();
        var few = taken.Select(pair => FindTooFew(metric, pair.Candidate, gains.Significance != Significance.None)).ToArray();
        // A limit holds whatever chance explains, so that a slice of which too few rows are of a class is held against it all the same.
        int[] judged = [.. Enumerable.Range(0, slices.Count).Where(i => few[i] is null || (MaximumLoss is not null && taken[i].Candidate.RowCount >= MinimumRows))];
        // The smallest p-value that samples can give must be significant after the correction too.
        var samples = Math.Max(gains.Samples, (int)Math.Min(1_000_000, Math.Ceiling(2 * judged.Length / gains.Level)));
        var estimates = new GainEstimate?[slices.Count];
        foreach (var i in judged)
        {
            cancellationToken.ThrowIfCancellationRequested();
            estimates[i] = GainEstimate.Of(metric, taken[i].Candidate, taken[i].Reference, few[i] is null ? gains.Significance : Significance.None, gains.Level, samples, gains.Seed, cancellationToken);
        }

        int[] tested = [.. judged.Where(i => estimates[i]!.WorsePValue is not null)];
        var adjusted = MultipleTesting.Adjust([.. tested.Select(i => estimates[i]!.WorsePValue!.Value)], Correction.Holm);
        return
        [
            .. slices.Select((slice, i) =>
            {
                var figure = new ModelCheckFigure(metric.Name, UnjudgedVerdict) { Slice = slice.Name, Rows = taken[i].Candidate.RowCount, Reference = referenceName };
                figure = estimates[i] is { } estimate
                    ? Judge(figure, estimate, Array.IndexOf(tested, i) is >= 0 and var test ? adjusted[test] : null, gains, few[i])
                    : figure with { Note = $"not judged: {few[i]}" };
                return slice.Mark(figure, UnjudgedVerdict);
            }),
        ];
    }

    private string? FindTooFew(OutcomeMetric metric, ModelOutcomes slice, bool isTested)
    {
        if (slice.RowCount < MinimumRows) return $"fewer than {GateText.Rows(MinimumRows)}";
        return isTested && SupportingRows.CountOfClasses(metric, slice) < MinimumClassRows ? $"fewer than {GateText.Rows(MinimumClassRows)} of the rarest class" : null;
    }

    private ModelCheckFigure Judge(ModelCheckFigure figure, GainEstimate estimate, double? pValue, GainRule gains, string? few)
    {
        figure = figure with { Value = estimate.Value.ValueOrNull, ReferenceValue = estimate.OtherValue.ValueOrNull };
        if (double.IsNaN(estimate.Gain)) return figure with { Note = $"not judged: {estimate.UndefinedReason}" };
        var loss = -estimate.Gain;
        figure = figure with { Gain = estimate.Gain, Interval = estimate.Interval, PValue = pValue };
        if (loss > (MaximumLoss ?? (gains.Significance == Significance.None ? 0 : double.PositiveInfinity)))
            return figure with { Verdict = ValidationVerdict.Fail, Note = $"worse by more than {GateText.Figure(MaximumLoss ?? 0)}" };
        if (few is not null) return figure with { Note = $"not judged: {few}" };
        if (loss > 0 && pValue < gains.Level) return figure with { Verdict = ValidationVerdict.Fail, Note = "worse beyond chance" };
        return gains.Significance != Significance.None && pValue is null && loss > 0 && MaximumLoss is null
            ? figure with { Note = $"not judged: {estimate.UndefinedReason}" }
            : figure with { Verdict = ValidationVerdict.Pass };
    }
}
