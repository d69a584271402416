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
    /// <summary>Predicts the golden rows, and then batches of some sizes: of golden rows, or where there are none, of zeros and empty texts.</summary>
    /// <returns>What is wrong; <see langword="null"/> when nothing is.</returns>
    public async Task<string?> FindFailureAsync(IReadOnlyList<int> warmUpRows, CancellationToken cancellationToken)
    {
        var goldenRows = directory is null ? null : await directory.ReadGoldenRowsAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (goldenRows is not null)
            {
                onStep(ModelLoadStep.CheckingGoldenRows);
                if (await goldenRows.FindDifferenceAsync(predictor, options.GoldenRowsTolerance, cancellationToken).ConfigureAwait(false) is { } difference)
                    return $"it does not predict its golden rows: {difference}";
            }

            if (!options.WarmUp) return null;
            onStep(ModelLoadStep.WarmingUp);
            foreach (var rows in warmUpRows) await WarmUpAsync(goldenRows, rows, cancellationToken).ConfigureAwait(false);
            return null;
        }
        catch (Exception error) when (!error.IsCancellation(cancellationToken))
        {
            return goldenRows is not null
                ? $"it fails on its golden rows: {error.Message.TrimEnd('.')}"
                : $"it fails on rows of zeros: {error.Message} If such a row is no valid input, save golden rows with the model, or set {nameof(ModelHostOptions)}.{nameof(ModelHostOptions.WarmUp)} to false";
        }
    }

    private async Task WarmUpAsync(GoldenRows? goldenRows, int rows, CancellationToken cancellationToken)
    {
        using var inputs = goldenRows is { Count: > 0 } ? goldenRows.RentInputs(signature, rows) : RentZeros(rows);
        if (inputs is null) return;
        using var outputs = signature.RentOutputs(rows);
        await predictor.PredictAsync(inputs, outputs, new PredictionContext(), cancellationToken).ConfigureAwait(false);
    }

    private TensorBatch? RentZeros(int rows)
    {
        foreach (var input in signature.Inputs)
        {
            // A size that nobody knows cannot be guessed.
            if (input.Width < 0) return null;
        }

        var inputs = signature.RentInputs(rows);
        for (var slot = 0; slot < inputs.Count; slot++)
        {
            if (inputs[slot] is TensorBuffer<string> text) text.Span.Fill("");
            else TensorNumbers.FromDoubles(new double[inputs[slot].Length], inputs[slot]);
        }

        return inputs;
    }
}
