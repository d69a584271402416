using System.Runtime.ExceptionServices;
using Mlops.Data;

namespace Mlops.Evaluation;

/// <summary>Draws bootstrap samples as counts of rows, and judges them on several threads; what comes out depends on the seed only.</summary>
internal sealed class BootstrapSampler(BootstrapOptions options)
{
    private static readonly ulong[] s_poisson = CumulatePoisson();

    /// <summary>Judges every sample.</summary>
    /// <param name="rows">The number of rows, ≥ 1.</param>
    /// <param name="width">The number of figures of each sample.</param>
    /// <param name="judge">Takes how often each row was drawn, shape (rows), and fills the figures, shape (width); NaN where one is undefined. Called on several threads.</param>
    /// <param name="cancellationToken">Cancels the judging.</param>
    /// <returns>The figures, one array of shape (samples) for each of <paramref name="width"/>.</returns>
    public double[][] Run(int rows, int width, Action<int[], double[]> judge, CancellationToken cancellationToken)
    {
        options.Check();
        var figures = new double[width][];
        for (var i = 0; i < width; i++) figures[i] = new double[options.Samples];
        try
        {
            Parallel.For(
                0, options.Samples, new ParallelOptions { CancellationToken = cancellationToken, MaxDegreeOfParallelism = options.MaximumParallelism },
                () => (Counts: new int[rows], Own: new double[width]),
                (sample, _, state) =>
                {
                    Draw(sample, state.Counts);
                    judge(state.Counts, state.Own);
                    for (var i = 0; i < width; i++) figures[i][sample] = state.Own[i];
                    return state;
                },
                _ => { });
        }
        catch (AggregateException several)
        {
            // A metric that fails, fails the same way here as without samples.
            ExceptionDispatchInfo.Throw(several.InnerExceptions[0]);
        }

        return figures;
    }

    /// <summary>Draws a sample.</summary>
    /// <param name="sample">Its number, from 0.</param>
    /// <param name="counts">Receives how often each row was drawn.</param>
    public void Draw(int sample, int[] counts)
    {
        var random = new SplitMix64(SplitMix64.At(options.Seed, (ulong)sample));
        if (options.Resampling == BootstrapResampling.Poisson)
        {
            for (var row = 0; row < counts.Length; row++) counts[row] = Poisson(random.Next());
            return;
        }

        Array.Clear(counts);
        for (var i = 0; i < counts.Length; i++) counts[random.Next((ulong)counts.Length)]++;
    }

    /// <summary>Makes the percentile interval of figures.</summary>
    /// <param name="figures">The figures of the samples; NaN where one was undefined.</param>
    /// <param name="level">The probability.</param>
    /// <returns>The interval; <see langword="null"/> where fewer than half of the samples, or fewer than two, have a figure.</returns>
    /// <remarks>Source: B. Efron, "The Jackknife, the Bootstrap and Other Resampling Plans" (1982), with quantiles between neighbouring figures.</remarks>
    public static ConfidenceInterval? Percentiles(double[] figures, double level)
    {
        var defined = figures.Where(figure => !double.IsNaN(figure)).Order().ToArray();
        if (defined.Length < 2 || 2 * defined.Length < figures.Length) return null;
        return new ConfidenceInterval(Quantile(defined, (1 - level) / 2), Quantile(defined, (1 + level) / 2), level);
    }

    /// <summary>Makes the interval of a figure that noise only ever pushes one way: the samples, which are pushed once more, are mirrored at the figure, which takes the push back.</summary>
    /// <param name="figures">The figures of the samples; NaN where one was undefined.</param>
    /// <param name="level">The probability.</param>
    /// <param name="value">The figure, which the interval is widened to hold.</param>
    /// <param name="lower">The least value that the figure can have.</param>
    /// <param name="upper">The largest one.</param>
    /// <returns>The interval; <see langword="null"/> as of <see cref="Percentiles"/>.</returns>
    /// <remarks>Source: A. C. Davison, D. V. Hinkley, "Bootstrap Methods and their Application" (1997), 5.2: the basic method.</remarks>
    public static ConfidenceInterval? Mirrored(double[] figures, double level, double value, double lower, double upper)
    {
        if (Percentiles(figures, level) is not { } plain || !double.IsFinite(value)) return null;
        var (low, high) = (Math.Max(lower, (2 * value) - plain.Upper), Math.Min(upper, (2 * value) - plain.Lower));
        return new ConfidenceInterval(Math.Min(value, low), Math.Max(value, high), level);
    }

    private static double Quantile(double[] sorted, double share)
    {
        var at = share * (sorted.Length - 1);
        var (below, above) = (sorted[(int)Math.Floor(at)], sorted[(int)Math.Ceiling(at)]);
        // Neighbours may be infinite, of which no middle can be computed.
        return below == above ? below : below + ((at - Math.Floor(at)) * (above - below));
    }

    private static int Poisson(ulong uniform)
    {
        var count = 0;
        while (count < s_poisson.Length && uniform >= s_poisson[count]) count++;
        return count;
    }

    /// <summary>The probabilities that a Poisson number of mean 1 is at most 0, 1, 2 …, times 2⁶⁴.</summary>
    private static ulong[] CumulatePoisson()
    {
        var table = new List<ulong>();
        var (term, sum) = (Math.Exp(-1), Math.Exp(-1));
        for (var k = 1; k < 19 && sum < 1; k++)
        {
            table.Add((ulong)(sum * Math.ScaleB(1, 64)));
            term /= k;
            sum += term;
        }

        return [.. table];
    }
}
