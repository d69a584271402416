namespace Mlops.Monitoring.Tests;

/// <summary>What one repetition of an experiment draws: a reference and a current sample of each kind. All of it follows from the seed.</summary>
internal sealed class ExperimentSamples
{
    private static readonly string[] s_words = [.. Enumerable.Range(0, 400).Select(i => $"w{i}")];
    private readonly Random _random;

    public ExperimentSamples(int seed, int count, double shift = 0)
    {
        _random = new Random(seed);
        Count = count;
        (Reference, Current) = (new SortedSample(Normals(count, 0)), new SortedSample(Normals(count, shift)));
    }

    public int Count { get; }

    /// <summary>Gets normal values.</summary>
    public SortedSample Reference { get; }

    public SortedSample Current { get; }

    /// <summary>Gets lognormal values, of the same normal ones.</summary>
    public (SortedSample Reference, SortedSample Current) LogNormal
        => (SortedSample.Of(Array.ConvertAll(Reference.Values, Math.Exp)), SortedSample.Of(Array.ConvertAll(Current.Values, Math.Exp)));

    /// <summary>Gets values in steps of half a deviation: many ties.</summary>
    public (SortedSample Reference, SortedSample Current) Tied
        => (SortedSample.Of(Array.ConvertAll(Reference.Values, Round)), SortedSample.Of(Array.ConvertAll(Current.Values, Round)));

    /// <summary>Draws from a few equally frequent values.</summary>
    public SortedSample Few(int values) => new([.. Enumerable.Range(0, Count).Select(_ => (double)_random.Next(values))]);

    public double[] Normals(int count, double shift)
    {
        var values = new double[count];
        for (var i = 0; i < count; i += 2)
        {
            var (sin, cos) = Math.SinCos(2 * Math.PI * _random.NextDouble());
            var radius = Math.Sqrt(-2 * Math.Log(1 - _random.NextDouble()));
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

    /// <summary>Draws texts of 3 to 12 words, of which few are frequent.</summary>
    public string[] Texts(int count)
        => [.. Enumerable.Range(0, count).Select(_ => string.Join(' ', Enumerable.Range(0, 3 + _random.Next(10)).Select(_ => s_words[(int)(s_words.Length * Math.Pow(_random.NextDouble(), 3))])))];

    public RowSet Rows(int count, int width) => new(Normals(count * width, 0), width);

    private static double Round(double value) => Math.Round(2 * value) / 2;
}
