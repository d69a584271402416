namespace Mlops.Evaluation;

/// <summary>Chooses which rows bootstrap samples are drawn from, and brings figures of fewer rows to what those of all rows would spread.</summary>
/// <remarks>
/// The spread of a figure falls with the square root of the number of rows, so that of m of n rows is √(m/n) times too large. Source: P. J. Bickel, F. Götze, W. R. van Zwet,
/// "Resampling fewer than n observations", Statistica Sinica 7 (1997).
/// </remarks>
internal static class BoundedRows
{
    /// <summary>The number of rows of each kind that a choice must hold: of fewer, the spread of a figure that hangs on them would be a matter of luck.</summary>
    private const int RowsOfEachKind = 200;

    /// <summary>Chooses rows at random, without replacement.</summary>
    /// <param name="count">The number of rows.</param>
    /// <param name="options">How many are allowed.</param>
    /// <param name="kinds">Each tells of a row, from 0, of which kind it is among those that figures hang on (its class; whether two models differ on it); negative for none.</param>
    /// <returns>The rows, ascending; <see langword="null"/> where there are no more than are allowed, or too few of a kind would be chosen: then all rows are drawn from, whatever it takes.</returns>
    public static int[]? Choose(int count, BootstrapOptions options, params Func<int, int>[] kinds)
    {
        if (count <= options.MaximumRows) return null;
        var rows = RowShuffle.Shuffle([.. Enumerable.Range(0, count)], options.Seed)[..options.MaximumRows];
        Array.Sort(rows);
        return kinds.All(HasEnough) ? rows : null;

        bool HasEnough(Func<int, int> kindOf)
        {
            var counts = new Dictionary<int, int>();
            for (var row = 0; row < count; row++) counts[kindOf(row)] = 0;
            foreach (var row in rows) counts[kindOf(row)]++;
            return counts.All(kind => kind.Key < 0 || kind.Value >= RowsOfEachKind);
        }
    }

    /// <summary>Moves figures of samples of some rows to the figure of all, their spread narrowed.</summary>
    /// <param name="figures">The figures of the samples, which change.</param>
    /// <param name="value">The figure of all rows.</param>
    /// <param name="own">The figure of the chosen rows; NaN where it is undefined, and then all become so.</param>
    /// <param name="share">The share of the rows that were chosen.</param>
    public static void Narrow(double[] figures, double value, double own, double share)
    {
        foreach (ref var figure in figures.AsSpan()) figure = value + (Math.Sqrt(share) * (figure - own));
    }
}
