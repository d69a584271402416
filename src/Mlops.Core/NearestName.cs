namespace Mlops;

/// <summary>Finds the name that was probably meant by a misspelt one.</summary>
internal static class NearestName
{
    /// <summary>Finds the known name that fewest changes of a letter lead to.</summary>
    /// <param name="name">The misspelt name.</param>
    /// <param name="known">The known names.</param>
    /// <returns>The name; <see langword="null"/> where none is near.</returns>
    public static string? Find(string name, IReadOnlyList<string> known)
    {
        var (nearest, least) = ((string?)null, Math.Max(1, name.Length / 3) + 1);
        foreach (var candidate in known)
        {
            var distance = Distance(name.ToUpperInvariant(), candidate.ToUpperInvariant());
            if (distance < least || (distance == least && nearest is not null && HasSameLetters(name, candidate))) (nearest, least) = (candidate, distance);
        }

        // A word cut short is far away by letters.
        return nearest ?? (name.Length < 3 ? null : known.FirstOrDefault(candidate => candidate.StartsWith(name, StringComparison.OrdinalIgnoreCase)));
    }

    private static bool HasSameLetters(string a, string b) => a.ToUpperInvariant().Order().SequenceEqual(b.ToUpperInvariant().Order());

    /// <summary>The number of letters to insert, delete, replace or swap with their neighbour (V. Levenshtein, 1965; F. Damerau, 1964).</summary>
    private static int Distance(string a, string b)
    {
        var (before, last, next) = (new int[b.Length + 1], new int[b.Length + 1], new int[b.Length + 1]);
        for (var j = 0; j <= b.Length; j++) last[j] = j;
        for (var i = 1; i <= a.Length; i++)
        {
            next[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                next[j] = Math.Min(Math.Min(next[j - 1], last[j]) + 1, last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1));
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) next[j] = Math.Min(next[j], before[j - 2] + 1);
            }

            (before, last, next) = (last, next, before);
        }

        return last[b.Length];
    }
}
