namespace Mlops.Training;

/// <summary>Some labelled rows as features.</summary>
/// <param name="Features">The features, shape (rows × width), row by row.</param>
/// <param name="Width">The number of features.</param>
/// <param name="Labels">The labels, shape (rows); for classifiers the class's number.</param>
/// <param name="Weights">The weights, shape (rows).</param>
internal sealed record FeatureBlock(float[] Features, int Width, double[] Labels, double[] Weights)
{
    public int Rows => Labels.Length;

    public ReadOnlySpan<float> Row(int row) => Features.AsSpan(row * Width, Width);
}
