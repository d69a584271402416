using System.Numerics.Tensors;
using Mlops.Profiles;

namespace Mlops.Monitoring;

/// <summary>The moments of a sample about its mean.</summary>
/// <param name="Count">The number of values.</param>
/// <param name="Mean">Their mean.</param>
/// <param name="Second">The mean square of the deviations.</param>
/// <param name="Third">Their mean cube.</param>
/// <param name="Fourth">Their mean fourth power.</param>
internal readonly record struct SampleMoments(double Count, double Mean, double Second, double Third, double Fourth)
{
    /// <summary>Gets the variance without bias.</summary>
    public double Variance => Second * Count / (Count - 1);

    /// <summary>Computes the moments in two passes, the mean corrected by what the first pass rounded.</summary>
    public static SampleMoments From(ReadOnlySpan<double> values)
    {
        var mean = TensorPrimitives.Sum(values) / values.Length;
        double first = 0, second = 0, third = 0, fourth = 0;
        foreach (var value in values)
        {
            var deviation = value - mean;
            var square = deviation * deviation;
            first += deviation;
            second += square;
            third += square * deviation;
            fourth += square * square;
        }

        double count = values.Length;
        var rest = first / count;
        return new SampleMoments(count, mean + rest, Math.Max(0, (second / count) - (rest * rest)), third / count, fourth / count);
    }

    /// <summary>Takes the moments of a profile, which are exact.</summary>
    public static SampleMoments From(MomentsSketch moments)
    {
        var second = moments.Variance;
        var (skewness, kurtosis) = (moments.Skewness, moments.ExcessKurtosis);
        return new SampleMoments(
            moments.FiniteCount, moments.Mean, second,
            double.IsFinite(skewness) ? skewness * second * Math.Sqrt(second) : 0,
            double.IsFinite(kurtosis) ? (kurtosis + 3) * second * second : 0);
    }
}
