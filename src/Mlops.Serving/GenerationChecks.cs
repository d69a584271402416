using Mlops.Models;

namespace Mlops.Serving;

/// <summary>What a new generation must pass before it serves.</summary>
internal static class GenerationChecks
{
    /// <summary>Predicts the golden rows, or where there are none, one row of zeros and empty texts.</summary>
    /// <returns>What is wrong; <see langword="null"/> when nothing is.</returns>
    public static async Task<string?> FindFailureAsync(IPredictor predictor, ModelDirectory? directory, ModelHostOptions options, CancellationToken cancellationToken)
    {
        var goldenRows = directory is null ? null : await directory.ReadGoldenRowsAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (goldenRows is not null)
            {
                var difference = await goldenRows.FindDifferenceAsync(predictor, options.GoldenRowsTolerance, cancellationToken).ConfigureAwait(false);
                return difference is null ? null : $"it does not predict its golden rows: {difference}";
            }

            if (options.WarmUp) await WarmUpAsync(predictor, cancellationToken).ConfigureAwait(false);
            return null;
        }
        catch (Exception error) when (!error.IsCancellation(cancellationToken))
        {
            return goldenRows is not null
                ? $"it fails on its golden rows: {error.Message.TrimEnd('.')}"
                : $"it fails on a row of zeros: {error.Message} If such a row is no valid input, save golden rows with the model, or set {nameof(ModelHostOptions)}.{nameof(ModelHostOptions.WarmUp)} to false";
        }
    }

    private static async Task WarmUpAsync(IPredictor predictor, CancellationToken cancellationToken)
    {
        var signature = predictor.Signature;
        foreach (var input in signature.Inputs)
        {
            // A size that nobody knows cannot be guessed.
            if (input.Width < 0) return;
        }

        using var inputs = signature.RentInputs(1);
        using var outputs = signature.RentOutputs(1);
        for (var slot = 0; slot < inputs.Count; slot++)
        {
            if (inputs[slot] is TensorBuffer<string> text) text.Span.Fill("");
            else TensorNumbers.FromDoubles(new double[inputs[slot].Length], inputs[slot]);
        }

        await predictor.PredictAsync(inputs, outputs, new PredictionContext(), cancellationToken).ConfigureAwait(false);
    }
}
