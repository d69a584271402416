namespace Mlops.Training;

/// <summary>Some labelled rows as features, column by column, so that each pass over a feature is one over consecutive numbers.</summary>
/// <param name="Features">The features, shape (width × rows).</param>
/// <param name="Labels">The labels, shape (rows); for classifiers the class's number, without a label 0.</param>
/// <param name="Weights">The weights, shape (rows), all above 0.</param>
internal sealed record FeatureBlock(double[] Features, double[] Labels, double[] Weights)
{
    public int Rows => Labels.Length;

    public ReadOnlySpan<double> Feature(int feature) => Features.AsSpan(feature * Rows, Rows);
}
