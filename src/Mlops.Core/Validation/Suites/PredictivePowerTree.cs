namespace Mlops.Validation;

/// <summary>A decision tree on one column, grown until no leaf can be split.</summary>
/// <remarks>
/// With one column such a tree is a table: every different value of the column ends in a leaf of its own, or in one whose labels are all equal, and between neighbouring numbers the
/// limit is their mean (CART: L. Breiman et al., 1984; best splits, no pruning, as scikit-learn's trees are by default). So the table is made without growing the tree.
/// </remarks>
internal sealed class PredictivePowerTree
{
    // The different values, ascending, and what is predicted of each.
    private readonly List<double> _values = [];
    private readonly List<double> _predictions = [];
    private readonly double _other;
    private readonly bool _isCategory;

    private PredictivePowerTree(double[] x, bool isCategory, int[] sorted, Func<ArraySegment<int>, double> summarise)
    {
        _isCategory = isCategory;
        _other = summarise(sorted);
        for (int start = 0, end; start < sorted.Length; start = end)
        {
            for (end = start + 1; end < sorted.Length && x[sorted[end]] == x[sorted[start]];) end++;
            _values.Add(x[sorted[start]]);
            _predictions.Add(summarise(new ArraySegment<int>(sorted, start, end - start)));
        }
    }

    /// <summary>Learns to predict amounts, from the rows that are given in the order of their values: their mean.</summary>
    public static PredictivePowerTree FitAmounts(double[] x, bool isCategory, double[] y, int[] sorted)
        => new(x, isCategory, sorted, leaf =>
        {
            double sum = 0;
            foreach (var row in leaf) sum += y[row];
            return sum / leaf.Count;
        });

    /// <summary>Learns to predict classes, which are numbers from 0: the most frequent one, of equally frequent ones the first.</summary>
    public static PredictivePowerTree FitClasses(double[] x, bool isCategory, int[] y, int classes, int[] sorted)
    {
        var counts = new int[classes];
        return new PredictivePowerTree(x, isCategory, sorted, leaf =>
        {
            // Only the counts of this leaf's classes are touched: there may be as many leaves as rows, and many classes.
            var best = y[leaf[0]];
            for (var i = 0; i < leaf.Count; i++)
            {
                var label = y[leaf[i]];
                counts[label]++;
                if (counts[label] > counts[best] || (counts[label] == counts[best] && label < best)) best = label;
            }

            for (var i = 0; i < leaf.Count; i++) counts[y[leaf[i]]] = 0;
            return best;
        });
    }

    /// <summary>Predicts.</summary>
    /// <param name="x">The value of the column.</param>
    /// <returns>The amount or class; that of all rows for a category that was not learnt.</returns>
    public double Predict(double x)
    {
        var place = _values.BinarySearch(x);
        if (place >= 0) return _predictions[place];
        if (_isCategory) return _other;
        var above = ~place;
        if (above == 0) return _predictions[0];
        if (above == _values.Count) return _predictions[^1];
        return x <= (_values[above - 1] / 2) + (_values[above] / 2) ? _predictions[above - 1] : _predictions[above];
    }
}
