using Mlops.Models;

namespace Mlops.Serving;

/// <summary>What a new generation must pass before it serves.</summary>
/// <param name="predictor">The new generation.</param>
/// <param name="signature">What callers rent their batches from; it fits the predictor, and may say more of it.</param>
/// <param name="directory">Its directory; <see langword="null"/> for a model that was made in memory.</param>
/// <param name="options">What is checked.</param>
/// <param name="onStep">Is told what is being checked.</param>
internal sealed class GenerationChecks(IPredictor predictor, ModelSignature signature, ModelDirectory? directory, ModelHostOptions options, Action<ModelLoadStep> onStep)
{
    /// <summary>Predicts the golden rows, and then the batches that warm it up.</summary>
    /// <returns>What is wrong; <see langword="null"/> when nothing is.</returns>
    public async Task<CheckFailure?> FindFailureAsync(IReadOnlyList<WarmUpBatch> warmUps, CancellationToken cancellationToken)
    {
        var goldenRows = directory is null ? null : await directory.ReadGoldenRowsAsync(cancellationToken).ConfigureAwait(false);
        WarmUpBatch? declared = null;
        try
        {
            if (goldenRows is not null)
            {
                onStep(ModelLoadStep.CheckingGoldenRows);
                if (await goldenRows.FindDifferenceAsync(predictor, options.GoldenRowsTolerance, cancellationToken).ConfigureAwait(false) is { } difference)
                    return new CheckFailure($"it does not predict its golden rows: {difference}");
            }

            if (!options.WarmUp) return null;
            onStep(ModelLoadStep.WarmingUp);
            using var inputs = new WarmUpInputs(signature, goldenRows);
            foreach (var batch in warmUps)
            {
                if (batch.Shape is not null && inputs.FindMistake(batch.Shape) is { } mistake)
                    return new CheckFailure(FormattableString.Invariant($"{nameof(HostedModelOptions.WarmUpShapes)}[{batch.Index}] is no shape of its inputs: {mistake}"));
            }

            foreach (var batch in warmUps)
            {
                declared = batch.Shape is null ? null : batch;
                await WarmUpAsync(inputs, batch, cancellationToken).ConfigureAwait(false);
            }

            return null;
        }
        catch (Exception error) when (!error.IsCancellation(cancellationToken))
        {
            var shape = declared is null ? "" : $" ({declared})";

            // What may succeed the next time is not the fault of these rows.
            if (error is MlopsException { IsTransient: true }) return new CheckFailure($"it could not be tried{shape}: {error.Message.TrimEnd('.')}", IsTransient: true);
            return new CheckFailure(goldenRows is not null
                ? $"it fails on its golden rows{shape}: {error.Message.TrimEnd('.')}"
                : $"it fails on rows of zeros{shape}: {error.Message} If such a row is no valid input, save golden rows with the model, or set {nameof(ModelHostOptions)}.{nameof(ModelHostOptions.WarmUp)} to false");
        }
    }

    private async Task WarmUpAsync(WarmUpInputs warmUp, WarmUpBatch batch, CancellationToken cancellationToken)
    {
        using var inputs = warmUp.Rent(batch);
        if (inputs is null) return;
        using var outputs = signature.RentOutputs(batch.Rows);
        await predictor.PredictAsync(inputs, outputs, new PredictionContext(), cancellationToken).ConfigureAwait(false);
    }
}
