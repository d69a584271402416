namespace Mlops.Monitoring;

/// <summary>Text length: whether texts have become longer or shorter, or more or less even in length.</summary>
/// <remarks>
/// The Kolmogorov–Smirnov test on the number of characters (Unicode code points) of each text: statistic and effect D = supₓ |F(x) − G(x)|, 0..1; see <see cref="KolmogorovSmirnov"/> for p-value
/// and interval. Time O((n+m) log(n+m) + characters), memory 8 bytes a text. The order of texts makes no difference. Thread-safe: stateless.
/// </remarks>
public sealed class TextLength : ITextDriftTest
{
    private readonly KolmogorovSmirnov _test = new();

    /// <inheritdoc/>
    public string Name => "text-length";

    /// <inheritdoc/>
    /// <value>That of <see cref="KolmogorovSmirnov"/>.</value>
    public double DefaultMinimumEffect => _test.DefaultMinimumEffect;

    /// <inheritdoc/>
    public DriftResult Test(IReadOnlyList<string?> reference, IReadOnlyList<string?> current, DriftTestOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(reference);
        ArgumentNullException.ThrowIfNull(current);
        return _test.Test(Measure(reference, cancellationToken), Measure(current, cancellationToken), options) with { Test = Name };
    }

    internal static double[] Measure(IReadOnlyList<string?> texts, CancellationToken cancellationToken)
    {
        var lengths = new double[texts.Count];
        for (var i = 0; i < lengths.Length; i++)
        {
            if (i % 4096 == 0) cancellationToken.ThrowIfCancellationRequested();
            lengths[i] = texts[i] is { } text ? Count(text) : double.NaN;
        }

        return lengths;
    }

    private static int Count(string text)
    {
        var count = text.Length;
        // Two units that belong together are one character.
        for (var i = 1; i < text.Length; i++) count -= char.IsSurrogatePair(text[i - 1], text[i]) ? 1 : 0;
        return count;
    }
}
