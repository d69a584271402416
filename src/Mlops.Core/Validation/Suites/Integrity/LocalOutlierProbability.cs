using System.Numerics;
using Mlops.Data;

namespace Mlops.Validation;

/// <summary>The probability that a row is an outlier, since it lies in a thinner place than its nearest neighbours do (LoOP).</summary>
/// <remarks>
/// <para>
/// The distance of two rows is Gower's: the mean over the columns in which both have a value of |a − b| / range for numbers, and of 0 or 1 for texts and truth values. Time O(rows² · columns),
/// memory O(rows · (columns + neighbours)). A row without another at a distance, or among neighbours that are all equal to each other, has the probability 0.
/// </para>
/// <para>Sources: H.-P. Kriegel, P. Kröger, E. Schubert, A. Zimek, "LoOP: local outlier probabilities", CIKM 2009; J. C. Gower, "A general coefficient of similarity", Biometrics 27, 1971.</para>
/// </remarks>
internal static class LocalOutlierProbability
{
    /// <summary>Measures rows.</summary>
    /// <param name="columns">The columns, of one element a row.</param>
    /// <param name="rows">The number of rows.</param>
    /// <param name="neighbours">The number of nearest neighbours, 1 to rows − 1.</param>
    /// <param name="extent">By how many standard deviations a distance is off to be unlikely: λ.</param>
    /// <param name="cancellationToken">Cancels the work.</param>
    /// <returns>The probabilities, shape (rows), 0..1.</returns>
    public static double[] Measure(IReadOnlyList<Column> columns, int rows, int neighbours, double extent, CancellationToken cancellationToken)
    {
        Axis[] axes = [.. columns.Select(Axis.Create)];
        var nearest = new int[rows][];
        var spread = new double[rows];
        var (sums, weights, order) = (new double[rows], new double[rows], new int[rows]);
        for (var row = 0; row < rows; row++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            sums.AsSpan().Clear();
            weights.AsSpan().Clear();
            foreach (var axis in axes) axis.AddDistances(row, sums, weights);
            for (var other = 0; other < rows; other++) sums[other] = other == row ? double.PositiveInfinity : weights[other] > 0 ? sums[other] / weights[other] : 1;
            nearest[row] = FindSmallest(sums, neighbours, order);
            spread[row] = extent * Math.Sqrt(nearest[row].Sum(other => sums[other] * sums[other]) / neighbours);
        }

        var factors = new double[rows];
        for (var row = 0; row < rows; row++) factors[row] = (spread[row] / nearest[row].Average(other => spread[other])) - 1;
        var (sum, count) = (0.0, 0);
        foreach (var factor in factors)
        {
            if (!double.IsFinite(factor)) continue;
            sum += factor * factor;
            count++;
        }

        var scale = extent * Math.Sqrt(sum / Math.Max(1, count)) * Math.Sqrt(2);
        return [.. factors.Select(factor => double.IsFinite(factor) && scale > 0 ? Math.Max(0, ErrorFunction(factor / scale)) : 0)];
    }

    /// <summary>Finds the places of the smallest values; of equal ones the first.</summary>
    private static int[] FindSmallest(double[] values, int count, int[] heap)
    {
        // A heap of the smallest so far, the largest of them on top.
        bool IsBefore(int a, int b) => values[a] < values[b] || (values[a] == values[b] && a < b);
        void Sink(int at, int size)
        {
            while (true)
            {
                var child = (2 * at) + 1;
                if (child >= size) return;
                if (child + 1 < size && IsBefore(heap[child], heap[child + 1])) child++;
                if (!IsBefore(heap[at], heap[child])) return;
                (heap[at], heap[child]) = (heap[child], heap[at]);
                at = child;
            }
        }

        for (var i = 0; i < count; i++) heap[i] = i;
        for (var i = (count / 2) - 1; i >= 0; i--) Sink(i, count);
        for (var i = count; i < values.Length; i++)
        {
            if (!IsBefore(i, heap[0])) continue;
            heap[0] = i;
            Sink(0, count);
        }

        var smallest = heap.AsSpan(0, count).ToArray();
        Array.Sort(smallest);
        return smallest;
    }

    /// <summary>The error function of a number ≥ 0, to 1.5e-7; 0 for negative ones, which have no use here. Source: M. Abramowitz, I. Stegun, formula 7.1.26.</summary>
    private static double ErrorFunction(double x)
    {
        if (x <= 0) return 0;
        var t = 1 / (1 + (0.3275911 * x));
        return 1 - (t * (0.254829592 + (t * (-0.284496736 + (t * (1.421413741 + (t * (-1.453152027 + (t * 1.061405429)))))))) * Math.Exp(-x * x));
    }

    /// <summary>A column: values from 0 to 1, or codes of categories, and 1 where there is a value.</summary>
    private sealed class Axis(double[] values, double[] isPresent, bool isCategory)
    {
        public static Axis Create(Column column)
        {
            var isCategory = column.Type is ElementType.String or ElementType.Boolean;
            var values = column is TextColumn texts ? ToCodes(texts) : ColumnNumbers.ToDoubles(column);
            double[] isPresent = [.. values.Select(value => double.IsFinite(value) ? 1.0 : 0.0)];
            double low = values.Where(double.IsFinite).DefaultIfEmpty().Min(), range = values.Where(double.IsFinite).DefaultIfEmpty().Max() - low;
            for (var i = 0; i < values.Length; i++)
            {
                if (isPresent[i] == 0) values[i] = 0;
                else if (!isCategory) values[i] = range > 0 ? (values[i] - low) / range : 0;
            }

            return new Axis(values, isPresent, isCategory);
        }

        public void AddDistances(int row, double[] sums, double[] weights)
        {
            if (isPresent[row] == 0) return;
            var (own, i) = (new Vector<double>(values[row]), 0);
            for (; i <= sums.Length - Vector<double>.Count; i += Vector<double>.Count)
            {
                var (other, weight) = (new Vector<double>(values, i), new Vector<double>(isPresent, i));
                var distance = isCategory ? Vector.ConditionalSelect(Vector.Equals(own, other), Vector<double>.Zero, weight) : Vector.Abs(own - other) * weight;
                (new Vector<double>(sums, i) + distance).CopyTo(sums, i);
                (new Vector<double>(weights, i) + weight).CopyTo(weights, i);
            }

            for (; i < sums.Length; i++)
            {
                sums[i] += isPresent[i] * (isCategory ? (values[i] == values[row] ? 0 : 1) : Math.Abs(values[i] - values[row]));
                weights[i] += isPresent[i];
            }
        }

        private static double[] ToCodes(TextColumn column)
        {
            var entries = new Utf8Dictionary();
            var codes = new double[column.Length];
            for (var row = 0; row < codes.Length; row++) codes[row] = column.IsNull(row) ? double.NaN : entries.GetOrAdd(column.GetUtf8(row));
            return codes;
        }
    }
}
