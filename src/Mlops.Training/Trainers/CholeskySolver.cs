using System.Numerics.Tensors;

namespace Mlops.Training;

/// <summary>Solves symmetric positive definite equations, and finds out which of them say the same.</summary>
/// <remarks>Source: G. H. Golub and C. F. Van Loan, "Matrix Computations", 4th ed. (2013), algorithm 4.2.1.</remarks>
internal static class CholeskySolver
{
    /// <summary>What is left of a diagonal element, as a share of it, below which its column counts as a combination of those before it: the rounding of sums over many rows.</summary>
    public const double RankTolerance = 1e-12;

    /// <summary>Solves A x = b.</summary>
    /// <param name="matrix">A, shape (n × n), symmetric; its lower half is overwritten.</param>
    /// <param name="right">b, shape (n); overwritten by x.</param>
    /// <returns>The columns of which each is a combination of the others, the last one first; empty when the equations have been solved.</returns>
    public static int[] Solve(double[] matrix, double[] right)
    {
        var n = right.Length;
        for (var i = 0; i < n; i++)
        {
            var diagonal = matrix[(i * n) + i];
            for (var j = 0; j <= i; j++)
            {
                var value = matrix[(i * n) + j] - TensorPrimitives.Dot<double>(matrix.AsSpan(i * n, j), matrix.AsSpan(j * n, j));
                if (j < i) matrix[(i * n) + j] = value / matrix[(j * n) + j];
                else if (value > RankTolerance * diagonal) matrix[(i * n) + i] = Math.Sqrt(value);
                else return Combination(matrix, n, i);
            }
        }

        for (var i = 0; i < n; i++) right[i] = (right[i] - TensorPrimitives.Dot<double>(matrix.AsSpan(i * n, i), right.AsSpan(0, i))) / matrix[(i * n) + i];
        SolveTransposed(matrix, n, n, right);
        return [];
    }

    /// <summary>Column i is Σ c × column with Lᵀ c = its row of L.</summary>
    private static int[] Combination(double[] matrix, int n, int column)
    {
        var factors = matrix.AsSpan(column * n, column).ToArray();
        SolveTransposed(matrix, n, column, factors);
        var involved = new List<int> { column };
        for (var i = column - 1; i >= 0; i--)
        {
            // Factors are compared in the scale of the columns, so that units do not matter.
            var scale = Math.Sqrt(RowNorm(matrix, n, i) / Math.Max(double.Epsilon, RowNorm(matrix, n, column)));
            if (Math.Abs(factors[i]) * scale > 1e-6) involved.Add(i);
        }

        return [.. involved];
    }

    private static double RowNorm(double[] matrix, int n, int row) => TensorPrimitives.SumOfSquares<double>(matrix.AsSpan(row * n, row + 1));

    private static void SolveTransposed(double[] matrix, int n, int count, double[] right)
    {
        for (var i = count - 1; i >= 0; i--)
        {
            right[i] /= matrix[(i * n) + i];
            TensorPrimitives.MultiplyAdd(matrix.AsSpan(i * n, i), -right[i], right.AsSpan(0, i), right.AsSpan(0, i));
        }
    }
}
