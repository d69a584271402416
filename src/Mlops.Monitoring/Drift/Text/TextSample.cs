using Mlops.Data;

namespace Mlops.Monitoring;

/// <summary>The texts of a sample that are present, in an order that does not depend on the one in which they came; a sample of them where they are too many.</summary>
internal sealed class TextSample
{
    // A text longer than a small book tells nothing more by its rest.
    private const int MostCharacters = 100_000;

    private readonly ulong _hash;

    private TextSample(string[] texts, int total, ulong hash) => (Texts, Total, _hash) = (texts, total, hash);

    public string[] Texts { get; }

    public int Count => Texts.Length;

    /// <summary>Gets the number of texts that are present.</summary>
    public int Total { get; }

    public static (TextSample Reference, TextSample Current) Take(IReadOnlyList<string?> reference, IReadOnlyList<string?> current, int maximumTexts, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(reference);
        ArgumentNullException.ThrowIfNull(current);
        return (Take(reference, maximumTexts, seed), Take(current, maximumTexts, seed));
    }

    /// <summary>Makes a seed of the texts and of that of the test, so that not the same places of the order are drawn each time.</summary>
    public static ulong GetSeed(ulong seed, TextSample reference, TextSample current) => SplitMix64.Mix(SplitMix64.Mix(seed ^ reference._hash) ^ current._hash);

    /// <summary>Tells from how many texts the figures come, where not from all.</summary>
    public static DriftResult Describe(DriftResult result, TextSample reference, TextSample current) => result with
    {
        ReferenceCount = reference.Total,
        CurrentCount = current.Total,
        Reason = reference.Count < reference.Total || current.Count < current.Total ? $"{result.Reason} From {reference.Count} and {current.Count} texts drawn at random." : result.Reason,
    };

    /// <summary>Gets the hashed words of each text: runs of letters and digits, in lower case.</summary>
    public ulong[][] GetWords(CancellationToken cancellationToken)
    {
        var words = new ulong[Texts.Length][];
        var found = new List<ulong>();
        for (var i = 0; i < words.Length; i++)
        {
            if (i % 1024 == 0) cancellationToken.ThrowIfCancellationRequested();
            found.Clear();
            Split(Texts[i], found);
            words[i] = [.. found];
        }

        return words;
    }

    private static TextSample Take(IReadOnlyList<string?> texts, int maximumTexts, ulong seed)
    {
        var present = new List<string>(texts.Count);
        foreach (var text in texts)
        {
            if (text is not null) present.Add(text);
        }

        string[] ordered = [.. present];
        Array.Sort(ordered, string.CompareOrdinal);
        ulong hash = 1;
        foreach (var text in ordered)
        {
            hash = SplitMix64.Mix(hash + (ulong)text.Length);
            foreach (var unit in text) hash = SplitMix64.Mix(hash ^ unit);
        }

        return new TextSample(PresentRows.Sample(ordered, maximumTexts, SplitMix64.Mix(seed ^ hash)), ordered.Length, hash);
    }

    private static void Split(string text, List<ulong> words)
    {
        ulong hash = 0;
        foreach (var rune in text.AsSpan(0, Math.Min(text.Length, MostCharacters)).EnumerateRunes())
        {
            if (System.Text.Rune.IsLetterOrDigit(rune))
            {
                hash = SplitMix64.Mix(hash + (ulong)System.Text.Rune.ToLowerInvariant(rune).Value + 1);
            }
            else if (hash != 0)
            {
                words.Add(hash);
                hash = 0;
            }
        }

        if (hash != 0) words.Add(hash);
    }
}
