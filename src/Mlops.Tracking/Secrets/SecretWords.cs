namespace Mlops.Tracking;

/// <summary>The words of the name of a value.</summary>
internal sealed class SecretWords
{
    // The words before "token" and "pass" that make them a part of a language, or of a procedure, not a key.
    private static readonly HashSet<string> s_vocabulary = new(StringComparer.Ordinal)
    {
        "eos", "bos", "pad", "unk", "sep", "cls", "mask", "special", "stop", "start", "end", "per", "next", "first", "last", "forward", "backward", "single", "multi", "one", "two", "final", "low", "high",
        "band", "dry", "n", "num", "max", "min",
    };

    // Words that say of a number that it is none of the secret itself: password_length, use_password, token_ttl.
    private static readonly HashSet<string> s_measures = new(StringComparer.Ordinal)
    {
        "length", "len", "count", "size", "min", "max", "num", "policy", "required", "enabled", "strength", "entropy", "expiry", "expires", "age", "ttl", "lifetime", "timeout", "retries",
        "attempts", "limit", "rate", "use", "uses", "has", "is", "require", "requires", "needs", "enable", "disable", "allow", "show", "hide", "no", "with", "without", "check", "verify", "remember", "reset",
        "force", "skip",
    };

    public SecretWords(string name)
    {
        Words = Split(name);
        Ends = new int[Words.Count];
        for (var i = 0; i < Words.Count; i++) Ends[i] = (i == 0 ? 0 : Ends[i - 1]) + Words[i].Length;
        Joined = string.Concat(Words);
    }

    /// <summary>Gets the words, in lower case.</summary>
    public List<string> Words { get; }

    /// <summary>Gets them without anything between.</summary>
    public string Joined { get; }

    /// <summary>Gets where each of them ends.</summary>
    public int[] Ends { get; }

    /// <summary>Gets whether the name measures or switches something, rather than holding it.</summary>
    public bool IsMeasure => Words.Exists(s_measures.Contains);

    /// <summary>Gets whether sentences have the name before a colon, without a secret behind it: "two-factor auth: enabled".</summary>
    public bool IsWordOfProse => Words is [.., "auth"];

    /// <summary>Tells whether a word ends the name; numbers may follow: token2.</summary>
    public bool IsEnd(int index)
    {
        for (var i = index + 1; i < Words.Count; i++)
        {
            if (!Words[i].All(char.IsDigit) && Words[i] is not ("value" or "env" or "raw")) return false;
        }

        return true;
    }

    public bool IsVocabulary(int index) => index > 0 && s_vocabulary.Contains(Words[index - 1]);

    /// <summary>Splits a name into its words, in lower case: at signs, at digits, and where a capital begins a word.</summary>
    private static List<string> Split(string name)
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

    private static bool IsBoundary(string name, int i)
    {
        var (before, here) = (name[i - 1], name[i]);
        if (char.IsDigit(before) != char.IsDigit(here)) return true;
        if (char.IsLower(before) && char.IsUpper(here)) return true;
        // The last capital of several begins the next word: APIKey.
        return char.IsUpper(before) && char.IsUpper(here) && i + 1 < name.Length && char.IsLower(name[i + 1]);
    }
}
