using MathNet.Numerics.LinearAlgebra;

namespace Mlops.Monitoring;

/// <summary>The directions in which standardised rows vary most, as many as hold a share of their variance.</summary>
internal sealed class PrincipalComponents
{
    private readonly double[] _means;
    private readonly double[] _scales;
    private readonly double[] _components;

    private PrincipalComponents(double[] means, double[] scales, double[] components, double[] shares)
        => (_means, _scales, _components, Shares) = (means, scales, components, shares);

    /// <summary>Gets the share of the variance of each component that is kept, the largest first; NaN where nothing varies.</summary>
    public double[] Shares { get; }

    /// <summary>Gets the number of components that are kept.</summary>
    public int Count => Shares.Length;

    /// <summary>Finds the components.</summary>
    /// <param name="values">The rows, shape (rows × width).</param>
    /// <param name="width">The number of columns.</param>
    /// <param name="share">The share of the variance that the components hold together, above 0 and below 1; the first ones that hold more are kept.</param>
    public static PrincipalComponents Fit(ReadOnlySpan<double> values, int width, double share)
    {
        var count = values.Length / width;
        double[] means = new double[width], scales = new double[width], rows = values.ToArray();
        for (var k = 0; k < width; k++)
        {
            double largest = 0;
            for (var i = k; i < rows.Length; i += width) largest = Math.Max(largest, Math.Abs(rows[i]));
            // Halves of values and means far below the limit of the range keep sums within it.
            var unit = largest > 0 ? Math.ScaleB(1, Math.Clamp(Math.ILogB(largest), -1000, 1000)) : 1;
            double sum = 0, squares = 0;
            for (var i = k; i < rows.Length; i += width) sum += rows[i] / unit;
            var mean = sum / count;
            for (var i = k; i < rows.Length; i += width) squares += ((rows[i] / unit) - mean) * ((rows[i] / unit) - mean);
            var deviation = Math.Sqrt(squares / count);
            means[k] = mean * unit;
            // A constant column stays as it is; what rounding makes of one counts as constant.
            scales[k] = deviation > 1e-14 * Math.Abs(mean) ? deviation * unit : 1;
            for (var i = k; i < rows.Length; i += width) rows[i] = (rows[i] / scales[k]) - (means[k] / scales[k]);
        }

        var matrix = Matrix<double>.Build.DenseOfRowMajor(count, width, rows);
        var decomposition = matrix.TransposeThisAndMultiply(matrix).Divide(count).Evd(Symmetricity.Symmetric);
        // In ascending order.
        double[] variances = [.. decomposition.EigenValues.Select(value => Math.Max(0, value.Real)).Reverse()];
        var (total, kept, held) = (variances.Sum(), 0, 0.0);
        while (kept < width && (kept == 0 || held <= share * total) && (kept == 0 || total > 0)) held += variances[kept++];
        var components = new double[kept * width];
        for (var c = 0; c < kept; c++)
        {
            for (var k = 0; k < width; k++) components[(c * width) + k] = decomposition.EigenVectors[k, width - 1 - c];
        }

        return new PrincipalComponents(means, scales, components, [.. variances.Take(kept).Select(variance => variance / total)]);
    }

    /// <summary>Gets how far each row lies from what its components say of it, in standard deviations of the columns.</summary>
    /// <param name="values">The rows, shape (rows × width).</param>
    public double[] GetErrors(ReadOnlySpan<double> values)
    {
        var width = _means.Length;
        double[] errors = new double[values.Length / width], row = new double[width];
        for (var i = 0; i < errors.Length; i++)
        {
            double largest = 0;
            for (var k = 0; k < width; k++)
            {
                row[k] = (values[(i * width) + k] / _scales[k]) - (_means[k] / _scales[k]);
                largest = Math.Max(largest, Math.Abs(row[k]));
            }

            // Rows beyond the range of squares are measured in their own size.
            var unit = largest is > 1e100 and < double.PositiveInfinity ? largest : 1;
            for (var k = 0; k < width; k++) row[k] /= unit;
            Subtract(row);
            double sum = 0;
            foreach (var value in row) sum += value * value;
            errors[i] = Math.Sqrt(sum) * unit;
        }

        return errors;
    }

    private void Subtract(double[] row)
    {
        for (var c = 0; c < Count; c++)
        {
            var component = _components.AsSpan(c * row.Length, row.Length);
            double product = 0;
            for (var k = 0; k < row.Length; k++) product += row[k] * component[k];
            for (var k = 0; k < row.Length; k++) row[k] -= product * component[k];
        }
    }
}
