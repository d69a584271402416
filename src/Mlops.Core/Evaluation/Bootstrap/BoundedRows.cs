namespace Mlops.Evaluation;

/// <summary>Chooses which rows bootstrap samples are drawn from, and brings figures of fewer rows to what those of all rows would spread.</summary>
/// <remarks>
/// The spread of a figure falls with the square root of the number of rows, so that of m of n rows is √(m/n) times too large. Source: P. J. Bickel, F. Götze, W. R. van Zwet,
/// "Resampling fewer than n observations", Statistica Sinica 7 (1997).
/// </remarks>
internal static class BoundedRows
{
    /// <summary>Chooses rows at random, without replacement.</summary>
    /// <returns>The rows, ascending; <see langword="null"/> where there are no more than are allowed.</returns>
    public static int[]? Choose(int count, BootstrapOptions options)
    {
        if (count <= options.MaximumRows) return null;
        var rows = RowShuffle.Shuffle([.. Enumerable.Range(0, count)], options.Seed)[..options.MaximumRows];
        Array.Sort(rows);
        return rows;
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
