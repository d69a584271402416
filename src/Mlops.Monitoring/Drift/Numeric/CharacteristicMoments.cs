namespace Mlops.Monitoring;

/// <summary>The cosines and sines of a sample at two points of its characteristic function: their number, sums and sums of products.</summary>
internal sealed class CharacteristicMoments
{
    /// <summary>The number of figures of a value: two cosines and two sines.</summary>
    public const int Size = 4;

    /// <summary>Eigenvalues below this share of the largest are rounding.</summary>
    private const double RelativeZero = 1e-13;

    /// <summary>Eigenvalues below this are rounding of cosines and sines that do not vary.</summary>
    private const double AbsoluteZero = 1e-26;

    private readonly double[] _mean = new double[Size];
    private readonly double[,] _covariance = new double[Size, Size];
    private readonly int _count;

    private CharacteristicMoments(int count) => _count = count;

    /// <summary>Takes a sample.</summary>
    public static CharacteristicMoments Of(double[] values, double middle, double scale)
    {
        var moments = new CharacteristicMoments(values.Length);
        var figures = GetFigures(values, middle, scale);
        for (var i = 0; i < Size; i++)
        {
            moments._mean[i] = System.Numerics.Tensors.TensorPrimitives.Sum<double>(figures[i]) / values.Length;
            System.Numerics.Tensors.TensorPrimitives.Subtract(figures[i], moments._mean[i], figures[i]);
        }

        for (var i = 0; i < Size; i++)
        {
            for (var j = 0; j < Size; j++) moments._covariance[i, j] = System.Numerics.Tensors.TensorPrimitives.Dot<double>(figures[i], figures[j]) / values.Length;
        }

        return moments;
    }

    /// <summary>Takes sums of figures, and of the products of each two of them.</summary>
    public static CharacteristicMoments Of(int count, ReadOnlySpan<double> sums, ReadOnlySpan<double> products)
    {
        var moments = new CharacteristicMoments(count);
        for (var i = 0; i < Size; i++) moments._mean[i] = sums[i] / count;
        for (var i = 0; i < Size; i++)
        {
            for (var j = 0; j < Size; j++) moments._covariance[i, j] = (products[(i * Size) + j] / count) - (moments._mean[i] * moments._mean[j]);
        }

        return moments;
    }

    /// <summary>Gets the figures of values, shape (<see cref="Size"/>, values).</summary>
    public static double[][] GetFigures(double[] values, double middle, double scale)
    {
        var figures = new double[Size][];
        for (var i = 0; i < Size; i++) figures[i] = new double[values.Length];
        for (var k = 0; k < values.Length; k++)
        {
            // Twice the angle is to be a number too.
            var angle = Math.Clamp(0.4 * ((values[k] - middle) / scale), -double.MaxValue / 4, double.MaxValue / 4);
            (figures[2][k], figures[0][k]) = Math.SinCos(angle);
            (figures[3][k], figures[1][k]) = Math.SinCos(2 * angle);
        }

        return figures;
    }

    /// <summary>Gets g′Σ⁺g of the difference g of the means and Σ = N/n·S₁ + N/m·S₂, and the rank of Σ.</summary>
    public static (double Form, int Rank) Compare(CharacteristicMoments x, CharacteristicMoments y)
    {
        double total = (double)x._count + y._count;
        var covariance = new double[Size, Size];
        var difference = new double[Size];
        for (var i = 0; i < Size; i++)
        {
            difference[i] = x._mean[i] - y._mean[i];
            for (var j = 0; j < Size; j++) covariance[i, j] = (total / x._count * x._covariance[i, j]) + (total / y._count * y._covariance[i, j]);
        }

        return GetQuadraticForm(covariance, difference);
    }

    /// <summary>Gets g′Σ⁺g and the rank of Σ, by C. G. J. Jacobi's rotations (1846).</summary>
    private static (double Form, int Rank) GetQuadraticForm(double[,] matrix, double[] g)
    {
        for (var sweep = 0; sweep < 60; sweep++)
        {
            double off = 0;
            for (var p = 0; p < Size; p++)
            {
                for (var q = p + 1; q < Size; q++) off += Math.Abs(matrix[p, q]);
            }

            if (off == 0) break;
            for (var p = 0; p < Size; p++)
            {
                for (var q = p + 1; q < Size; q++) Rotate(matrix, g, p, q);
            }
        }

        double largest = 0, form = 0;
        for (var i = 0; i < Size; i++) largest = Math.Max(largest, matrix[i, i]);
        var rank = 0;
        for (var i = 0; i < Size; i++)
        {
            if (matrix[i, i] <= Math.Max(RelativeZero * largest, AbsoluteZero)) continue;
            form += g[i] * g[i] / matrix[i, i];
            rank++;
        }

        return (form, rank);
    }

    private static void Rotate(double[,] matrix, double[] g, int p, int q)
    {
        if (matrix[p, q] == 0) return;
        var theta = (matrix[q, q] - matrix[p, p]) / (2 * matrix[p, q]);
        var tangent = Math.CopySign(1, theta) / (Math.Abs(theta) + Math.Sqrt((theta * theta) + 1));
        var cosine = 1 / Math.Sqrt((tangent * tangent) + 1);
        var sine = tangent * cosine;
        for (var i = 0; i < Size; i++) (matrix[i, p], matrix[i, q]) = ((cosine * matrix[i, p]) - (sine * matrix[i, q]), (sine * matrix[i, p]) + (cosine * matrix[i, q]));
        for (var i = 0; i < Size; i++) (matrix[p, i], matrix[q, i]) = ((cosine * matrix[p, i]) - (sine * matrix[q, i]), (sine * matrix[p, i]) + (cosine * matrix[q, i]));
        (g[p], g[q]) = ((cosine * g[p]) - (sine * g[q]), (sine * g[p]) + (cosine * g[q]));
    }
}
