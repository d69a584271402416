namespace Mlops.Tracking;

/// <summary>The name of a secret as words, which may be written together, apart, or with any signs between them.</summary>
/// <param name="Joined">The words in lower case, without anything between them.</param>
internal sealed record SecretName(string Joined)
{
    // Words that mean a secret only where a name ends with them: "token_count", "pass_rate" and "auth_method" are none.
    private static readonly HashSet<string> s_lastOnly = new(StringComparer.Ordinal) { "token", "pass", "pw", "jwt", "bearer", "cookie", "auth" };

    public bool IsLastOnly { get; } = s_lastOnly.Contains(Joined);

    public static SecretName Parse(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        var joined = string.Concat(name.Where(char.IsLetterOrDigit)).ToLowerInvariant();
        return joined.Length > 0 ? new SecretName(joined) : throw new ArgumentException($"'{name}' cannot be the name of a secret: it has no letter and no digit.", nameof(name));
    }

    /// <summary>Tells whether the words of a name hold this one, in a row; or whether they end with it within a word: <c>dbpassword</c>.</summary>
    public bool IsIn(SecretWords name)
    {
        for (var i = 0; i < name.Words.Count; i++)
        {
            var end = name.Ends[i];
            if (!name.Joined.AsSpan(0, end).EndsWith(Joined, StringComparison.Ordinal)) continue;
            if (IsLastOnly && (!name.IsEnd(i) || name.IsVocabulary(i))) continue;
            // Short names would be found in other words: in "pulsas" the one of a signature.
            if (Joined.Length > 4 || end == Joined.Length || name.Ends.Contains(end - Joined.Length)) return true;
        }

        return false;
    }
}
