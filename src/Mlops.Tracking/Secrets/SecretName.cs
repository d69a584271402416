using System.Text;

namespace Mlops.Tracking;

/// <summary>The name of a secret as words, which may be written together, apart, or with any signs between them.</summary>
/// <param name="Joined">The words in lower case, without anything between them.</param>
internal sealed record SecretName(string Joined)
{
    public static SecretName Parse(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        var joined = string.Concat(name.Where(char.IsLetterOrDigit)).ToLowerInvariant();
        return joined.Length > 0 ? new SecretName(joined) : throw new ArgumentException($"'{name}' cannot be the name of a secret: it has no letter and no digit.", nameof(name));
    }

    /// <summary>Splits a name into its words, in lower case: at signs, at digits, and where a capital begins a word.</summary>
    public static List<string> Split(string name)
    {
        var words = new List<string>();
        var start = -1;
        for (var i = 0; i <= name.Length; i++)
        {
            var isWord = i < name.Length && char.IsLetterOrDigit(name[i]);
            if (start >= 0 && (!isWord || IsBoundary(name, i)))
            {
                words.Add(name[start..i].ToLowerInvariant());
                start = -1;
            }

            if (isWord && start < 0) start = i;
        }

        return words;
    }

    /// <summary>Tells whether the words of a name hold this one, in a row; or whether they end with it within a word: <c>dbpassword</c>.</summary>
    public bool IsIn(List<string> words, bool isLast)
    {
        var (joined, starts) = (new StringBuilder(), new HashSet<int>());
        for (var i = 0; i < words.Count; i++)
        {
            starts.Add(joined.Length);
            var text = joined.Append(words[i]).ToString();
            if (!text.EndsWith(Joined, StringComparison.Ordinal) || (isLast && !IsEnd(words, i))) continue;
            // Short names would be found in other words: in "pulsas" the one of a signature.
            if (Joined.Length > 4 || starts.Contains(text.Length - Joined.Length)) return true;
        }

        return false;
    }

    // Numbers may follow: token2.
    private static bool IsEnd(List<string> words, int index) => words.Skip(index + 1).All(word => word.All(char.IsDigit) || word is "value" or "env" or "raw");

    private static bool IsBoundary(string name, int i)
    {
        var (before, here) = (name[i - 1], name[i]);
        if (char.IsDigit(before) != char.IsDigit(here)) return true;
        if (char.IsLower(before) && char.IsUpper(here)) return true;
        // The last capital of several begins the next word: APIKey.
        return char.IsUpper(before) && char.IsUpper(here) && i + 1 < name.Length && char.IsLower(name[i + 1]);
    }
}
