using System.Globalization;

namespace Mlops.Training;

/// <summary>Tells that a row holds what no model of finite coefficients has a finite answer to.</summary>
internal static class NoFiniteAnswer
{
    /// <param name="row">The row of the batch, from 0.</param>
    /// <param name="features">Its features, shape (features).</param>
    /// <param name="names">What the features are; empty where the model does not say.</param>
    public static PredictionFailedException In(int row, ReadOnlySpan<float> features, IReadOnlyList<string> names)
    {
        var broken = 0;
        while (broken < features.Length && float.IsFinite(features[broken])) broken++;
        var cause = broken == features.Length ? "The features are so large that the answer is not finite"
            : names.Count == features.Length ? $"The feature '{names[broken]}' is missing or infinite"
            : string.Create(CultureInfo.InvariantCulture, $"The feature {broken} is missing or infinite");
        return new PredictionFailedException("graph", string.Create(
            CultureInfo.InvariantCulture,
            $"{cause} in row {row} of the batch, so that nothing can be predicted of the row. Correct the row, or train with a preprocessing that fills or clips such values.")) { Row = row };
    }
}
