namespace Mlops.Monitoring.Tests;

/// <summary>What one repetition of an experiment draws: a reference and a current sample of each kind. All of it follows from the seed.</summary>
internal sealed class ExperimentSamples
{
    private static readonly string[] s_words = [.. Enumerable.Range(0, 400).Select(i => $"w{i}")];
    private readonly int _seed;
    private readonly Lazy<(SortedSample Reference, SortedSample Current)> _numbers;
    private Random _random;

    /// <param name="seed">The seed.</param>
    /// <param name="count">The number of current rows.</param>
    /// <param name="shift">By how much current values are larger.</param>
    /// <param name="referenceCount">The number of reference rows; <see langword="null"/> for as many.</param>
    public ExperimentSamples(int seed, int count, double shift = 0, int? referenceCount = null)
    {
        _seed = seed;
        _random = new Random(seed);
        (ReferenceCount, Count) = (referenceCount ?? count, count);
        _numbers = new Lazy<(SortedSample, SortedSample)>(() =>
        {
            var random = new Random(seed);
            return (new SortedSample(Normals(random, ReferenceCount, 0)), new SortedSample(Normals(random, count, shift)));
        });
    }

    public int ReferenceCount { get; }

    public int Count { get; }

    /// <summary>Gets normal values.</summary>
    public SortedSample Reference => _numbers.Value.Reference;

    public SortedSample Current => _numbers.Value.Current;

    /// <summary>Gets lognormal values, of the same normal ones.</summary>
    public (SortedSample Reference, SortedSample Current) LogNormal
        => (SortedSample.Of(Array.ConvertAll(Reference.Values, Math.Exp)), SortedSample.Of(Array.ConvertAll(Current.Values, Math.Exp)));

    /// <summary>Gets values in steps of half a deviation: many ties.</summary>
    public (SortedSample Reference, SortedSample Current) Tied
        => (SortedSample.Of(Array.ConvertAll(Reference.Values, Round)), SortedSample.Of(Array.ConvertAll(Current.Values, Round)));

    /// <summary>Begins to draw anew, so that what a rule is given does not depend on the rules before it.</summary>
    public void Restart() => _random = new Random(_seed + 1);

    /// <summary>Draws from a few equally frequent values.</summary>
    public SortedSample Few(int count, int values) => new([.. Enumerable.Range(0, count).Select(_ => (double)_random.Next(values))]);

    public double[] Normals(int count, double shift) => Normals(_random, count, shift);

    private static double[] Normals(Random random, int count, double shift)
    {
        var values = new double[count];
        for (var i = 0; i < count; i += 2)
        {
            var (sin, cos) = Math.SinCos(2 * Math.PI * random.NextDouble());
            var radius = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble()));
            values[i] = shift + (radius * cos);
            if (i + 1 < count) values[i + 1] = shift + (radius * sin);
        }

        return values;
    }

    /// <summary>Draws categories with the given shares.</summary>
    public long[] Categories(int count, ReadOnlySpan<double> shares)
    {
        var counts = new long[shares.Length];
        for (var i = 0; i < count; i++)
        {
            var (u, category) = (_random.NextDouble(), 0);
            while (category < shares.Length - 1 && (u -= shares[category]) >= 0) category++;
            counts[category]++;
        }

        return counts;
    }

    /// <summary>Draws the counts of categories at once, from a population of which they are no part that counts.</summary>
    public long[] Counts(int count, ReadOnlySpan<double> shares)
    {
        const double Population = 1e8;
        var counts = new long[shares.Length];
        var random = new Data.SplitMix64((ulong)_random.NextInt64());
        var rest = 1.0;
        for (var i = 0; i < shares.Length; i++)
        {
            counts[i] = i == shares.Length - 1 ? count : HypergeometricDistribution.Draw((long)(shares[i] * Population), (long)Math.Max(0, (rest - shares[i]) * Population), count, ref random);
            count -= (int)counts[i];
            rest -= shares[i];
        }

        return counts;
    }

    /// <summary>Draws texts of 3 to 12 words, of which few are frequent.</summary>
    public string[] Texts(int count)
        => [.. Enumerable.Range(0, count).Select(_ => string.Join(' ', Enumerable.Range(0, 3 + _random.Next(10)).Select(_ => s_words[(int)(s_words.Length * Math.Pow(_random.NextDouble(), 3))])))];

    /// <summary>Draws rows of one column that is 1 with a probability, and else 0.</summary>
    public RowSet Shares(int count, double share) => new(Enumerable.Range(0, count).Select(_ => _random.NextDouble() < share ? 1.0 : 0).ToArray(), 1);

    public RowSet Rows(int count, int width) => new(Normals(count * width, 0), width);

    /// <summary>
    /// Draws rows: <c>gaussian</c> ones of independent columns; <c>heavy</c> ones, by Student's t with three degrees of freedom, alike in all columns; <c>correlated</c> ones, any two columns by one half;
    /// <c>bound</c> ones, by 0.3; <c>spread</c> ones, a tenth of the columns, and at least one, with twice the variance.
    /// </summary>
    public RowSet Rows(int count, int width, string kind)
    {
        double[] values = Normals(count * width, 0), common = kind is "gaussian" or "spread" ? [] : Normals(3 * count, 0);
        for (var i = 0; i < values.Length; i++)
        {
            var row = i / width * 3;
            values[i] = kind switch
            {
                "heavy" => values[i] / Math.Sqrt(((common[row] * common[row]) + (common[row + 1] * common[row + 1]) + (common[row + 2] * common[row + 2])) / 3),
                "correlated" => Math.Sqrt(0.5) * (values[i] + common[row]),
                "bound" => (Math.Sqrt(0.7) * values[i]) + (Math.Sqrt(0.3) * common[row]),
                "spread" when i % width < Math.Max(1, width / 10) => Math.Sqrt(2) * values[i],
                _ => values[i],
            };
        }

        return new RowSet(values, width);
    }

    private static double Round(double value) => Math.Round(2 * value) / 2;
}
