namespace Mlops.Training;

/// <summary>The weights and label sums of the categories of one column, by fold.</summary>
internal sealed class TargetSums(int folds, int width)
{
    private readonly int _stride = width + 1;
    private readonly double[][] _sums = [.. Enumerable.Range(0, folds).Select(_ => Array.Empty<double>())];

    public void Add(LabelTargets targets, ReadOnlySpan<int> categories, int categoryCount)
    {
        Grow(categoryCount);
        for (var row = 0; row < categories.Length; row++)
        {
            var weight = targets.Weights[row];
            if (weight == 0) continue;
            var sums = _sums[targets.FoldOf[row]].AsSpan(categories[row] * _stride, _stride);
            sums[0] += weight;
            for (var i = 0; i < width; i++) sums[i + 1] += weight * targets.ValueOf(row, i);
        }
    }

    /// <summary>Counts the rows of one category among those of another.</summary>
    public void Move(int from, int to)
    {
        foreach (var sums in _sums)
        {
            for (var i = 0; i < _stride; i++) (sums[(to * _stride) + i], sums[(from * _stride) + i]) = (sums[(to * _stride) + i] + sums[(from * _stride) + i], 0);
        }
    }

    /// <summary>The encoding of each category, shape (categories × width), and that of an unseen one.</summary>
    /// <param name="categories">The number of categories.</param>
    /// <param name="smoothing">How many rows the mean of all rows weighs.</param>
    /// <param name="leftOut">The fold that does not count; −1 for none.</param>
    /// <returns><see langword="null"/> where no row counts.</returns>
    public (float[][] Values, float[] Prior)? Encode(int categories, double smoothing, int leftOut = -1)
    {
        var (totals, all) = (new double[categories * _stride], new double[_stride]);
        for (var fold = 0; fold < _sums.Length; fold++)
        {
            if (fold == leftOut) continue;
            for (var i = 0; i < totals.Length && i < _sums[fold].Length; i++) totals[i] += _sums[fold][i];
        }

        for (var i = 0; i < totals.Length; i++) all[i % _stride] += totals[i];
        if (all[0] == 0) return null;
        var prior = Enumerable.Range(1, width).Select(i => all[i] / all[0]).ToArray();
        var values = new float[categories][];
        for (var category = 0; category < categories; category++)
        {
            var sums = totals.AsSpan(category * _stride, _stride);
            values[category] = new float[width];
            for (var i = 0; i < width; i++)
                values[category][i] = (float)(sums[0] + smoothing > 0 ? (sums[i + 1] + (smoothing * prior[i])) / (sums[0] + smoothing) : prior[i]);
        }

        return (values, Array.ConvertAll(prior, value => (float)value));
    }

    /// <summary>Makes room for categories.</summary>
    public void Grow(int categories)
    {
        if (_sums[0].Length >= categories * _stride) return;
        foreach (ref var sums in _sums.AsSpan()) Array.Resize(ref sums, Math.Max(categories * _stride, 2 * sums.Length));
    }
}
