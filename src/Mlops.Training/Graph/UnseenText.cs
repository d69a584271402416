using System.Globalization;

namespace Mlops.Training;

/// <summary>Tells that a row holds a category that its column may not have.</summary>
internal static class UnseenText
{
    public static PredictionFailedException In(string input, int row) => new("graph", string.Create(
        CultureInfo.InvariantCulture,
        $"Row {row} of the batch holds a category in '{input}' that the training did not see, and the preprocessing refuses such ones. Correct the row, or train with another policy for unseen categories.")) { Row = row };
}
