namespace Mlops.Training;

/// <summary>What the linear kernels share.</summary>
internal static class LinearAlgebra
{
    public static double Dot(double[] coefficients, ReadOnlySpan<float> row)
    {
        double sum = 0;
        for (var i = 0; i < coefficients.Length; i++) sum += coefficients[i] * row[i];
        return sum;
    }
}
