using Mlops.Data;
using Mlops.Validation;

namespace Mlops.Evaluation;

/// <summary>Lets a candidate pass only when its saved package is what was judged: it is opened, verified, loaded and run as a host would do it ("infrastructure validation").</summary>
/// <remarks>
/// <para>In this order: every file is what the manifest says; a flavor loads the model; its inputs and outputs are those of the candidate; the golden rows give what they must;
/// and a sample of the rows that were judged gives the predictions that were judged. The first step that fails ends the judging.</para>
/// <para>Needs <see cref="ModelValidationContext.Package"/>, <see cref="ModelValidationContext.Signature"/> and <see cref="ModelValidationContext.Rows"/>.</para>
/// </remarks>
public sealed class PackageValidator : IModelValidator
{
    /// <inheritdoc/>
    /// <value>The default value is <c>package</c>.</value>
    public string Name { get; init => field = GateName.Of(value); } = "package";

    /// <summary>Gets how far a predicted number may be off, relative to its size (absolute below 1).</summary>
    /// <value>The default value is 1e-4, room for the difference between 32-bit and 64-bit arithmetic.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is negative or not finite.</exception>
    public double Tolerance { get; init => field = CheckLimit.NotNegative(value); } = 1e-4;

    /// <summary>Gets the number of rows that were judged which are predicted again, from the first one on.</summary>
    /// <value>The default value is 1,000 rows, or as many as there are.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is below 1.</exception>
    public int SampleRows { get; init => field = CheckLimit.AtLeast(value, 1); } = 1000;

    /// <summary>Gets whether the package must have golden rows, by which every host can check the model again.</summary>
    /// <value>The default value is <see langword="true"/>.</value>
    public bool RequireGoldenRows { get; init; } = true;

    /// <summary>Gets whether the validator passes without judging when its needs are not met.</summary>
    /// <value>The default value is <see langword="false"/>: it fails then.</value>
    public bool IsOptional { get; init; }

    /// <inheritdoc/>
    public async ValueTask<ModelCheck> ValidateAsync(ModelValidationContext context, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (FindNeed(context) is { } need) return ModelCheck.Unmet(Name, IsOptional, need);
        var steps = new List<ModelCheckFigure>();
        try
        {
            var loaded = await LoadedPackage.LoadAsync(context.Package!, cancellationToken).ConfigureAwait(false);
            await using (loaded.ConfigureAwait(false))
            {
                Add(steps, "load", null);
                var isSame = Add(steps, "signature", FindSignatureDifference(context, loaded))
                    && Add(steps, "golden_rows", await FindGoldenDifferenceAsync(loaded, cancellationToken).ConfigureAwait(false))
                    && Add(steps, "predictions", await FindPredictionDifferenceAsync(context, loaded, cancellationToken).ConfigureAwait(false));
                return ModelCheck.Of(Name, steps, isSame
                    ? $"the saved model {loaded.Directory.Digest[..12]}… was loaded and gives what was judged"
                    : $"the saved model is not what was judged: {steps[^1].Note}") with { PackageDigest = loaded.Directory.Digest };
            }
        }
        catch (Exception error) when (error is ModelLoadException or PredictionFailedException or ArgumentException or EntityNotFoundException or DataFormatException)
        {
            steps.Add(new ModelCheckFigure(steps.Count == 0 ? "load" : "run", ValidationVerdict.Fail) { Note = error.Message });
            return ModelCheck.Of(Name, steps, $"the saved model cannot be {(steps.Count == 1 ? "loaded" : "run")}: {error.Message}") with { Exception = error };
        }
    }

    private static string? FindNeed(ModelValidationContext context)
    {
        if (context.Package is null)
            return $"there is no saved model to load; save it and give it in {nameof(ModelValidationContext)}.{nameof(ModelValidationContext.Package)}";
        if (context.Signature is null)
            return $"the candidate's signature is missing; give {nameof(ModelValidationContext)}.{nameof(ModelValidationContext.Predictor)} or {nameof(ModelValidationContext.Signature)}";
        return context.Rows is null
            ? $"the rows that were judged are missing; give the dataset in {nameof(ModelValidationContext)}.{nameof(ModelValidationContext.Rows)}"
            : null;
    }

    private static bool Add(List<ModelCheckFigure> steps, string step, string? difference)
    {
        steps.Add(new ModelCheckFigure(step, difference is null ? ValidationVerdict.Pass : ValidationVerdict.Fail) { Note = difference });
        return difference is null;
    }

    private static string? FindSignatureDifference(ModelValidationContext context, LoadedPackage loaded)
    {
        if (loaded.Directory.Signature is { } written && written.FindIncompatibility(loaded.Signature) is { } other)
            return $"the model that was loaded does not have the signature that the directory names: {other}";
        return context.Signature!.FindIncompatibility(loaded.Signature);
    }

    private async Task<string?> FindGoldenDifferenceAsync(LoadedPackage loaded, CancellationToken cancellationToken)
    {
        var golden = await loaded.Directory.ReadGoldenRowsAsync(cancellationToken).ConfigureAwait(false);
        if (golden is null or { Count: 0 }) return RequireGoldenRows ? "it has no golden rows; capture some when it is saved" : null;
        return await golden.FindDifferenceAsync(loaded.Predictor, Tolerance, cancellationToken).ConfigureAwait(false);
    }

    private async Task<string?> FindPredictionDifferenceAsync(ModelValidationContext context, LoadedPackage loaded, CancellationToken cancellationToken)
    {
        var judged = context.Candidate.Outcomes;
        var again = await context.Candidate.PredictAgainAsync(loaded.Predictor, context.Rows!.Take(SampleRows), cancellationToken).ConfigureAwait(false);
        if (again.RowCount == 0) return "no row could be predicted again: the dataset is empty";
        if (again.RowCount != Math.Min(SampleRows, judged.RowCount))
            return $"the dataset has {GateText.Rows(again.RowCount)}, but {GateText.Rows(judged.RowCount)} were judged; give the dataset that was judged";
        if (!again.Classes.SequenceEqual(judged.Classes, StringComparer.Ordinal)) return "it tells other classes apart than the candidate that was judged";
        var (different, first) = (0, -1);
        for (var row = 0; row < again.RowCount; row++)
        {
            if (!again.Labels[row].Equals(judged.Labels[row])) return $"row {row} of the dataset has another label than the row that was judged; give the dataset that was judged, in its order";
            if (IsClose(again.GetPredictions(row), judged.GetPredictions(row))) continue;
            if (different++ == 0) first = row;
        }

        return different == 0 ? null : $"it predicts {different} of {GateText.Rows(again.RowCount)} otherwise than the candidate that was judged, row {first} first";
    }

    /// <summary>NaN is close to NaN only, and an infinity to itself.</summary>
    private bool IsClose(ReadOnlySpan<double> have, ReadOnlySpan<double> want)
    {
        for (var i = 0; i < want.Length; i++)
        {
            if (!have[i].Equals(want[i]) && !(double.IsFinite(want[i]) && Math.Abs(have[i] - want[i]) <= Tolerance * Math.Max(1, Math.Abs(want[i])))) return false;
        }

        return true;
    }
}
