using System.Buffers;
using System.Globalization;
using System.Text;

namespace Mlops.Tracking;

/// <summary>Looks at values whose names say that they are secret.</summary>
internal static class SecretValue
{
    // Further ones of a list that is longer are masked by their own names and forms.
    private const int LongestList = 1 << 16;

    private const int LongestNumber = 10;

    // As for what stands behind Bearer and Basic.
    private const int LongestWord = 20;

    private static readonly SearchValues<char> s_ends = SearchValues.Create(",}] \r\n\t");

    private static readonly SearchValues<char> s_credentialSigns = SearchValues.Create("0123456789_~+=/\"'");

    // What follows the name of a secret in prose: "token: the classifier".
    private static readonly HashSet<string> s_prose = new(StringComparer.OrdinalIgnoreCase)
    {
        "the", "a", "an", "is", "was", "are", "were", "it", "its", "this", "that", "these", "those", "of", "in", "on", "to", "for", "from", "with", "by", "as", "at", "and", "or", "no", "not", "none", "null",
        "missing", "unknown", "required", "invalid", "expired", "your", "our", "my", "must", "has", "have", "had", "will", "can", "cannot", "see", "one", "each", "every", "used",
    };

    /// <summary>Tells whether a value is none that has to be kept secret: true, false, null, or a number under a name that measures or switches something.</summary>
    public static bool IsPlain(SecretWords name, ReadOnlySpan<char> value)
    {
        var text = value.Trim().Trim("\"',;)}]");
        if (text.Equals("true", StringComparison.OrdinalIgnoreCase) || text.Equals("false", StringComparison.OrdinalIgnoreCase) || text is "null") return true;
        return text.Length is > 0 and <= LongestNumber && name.IsMeasure && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out _);
    }

    /// <summary>Tells whether a value within a text is a word of a sentence.</summary>
    public static bool IsProse(string value) => s_prose.Contains(value.TrimEnd(',', '.', ';', ')', '}', ']'));

    /// <summary>Tells whether a value looks like a credential rather than like a word: with a digit, a sign of Base64, capitals within, in quotes, or long.</summary>
    public static bool IsCredential(ReadOnlySpan<char> value)
        => value.Length >= LongestWord || value.ContainsAny(s_credentialSigns) || (value[1..].ContainsAnyInRange('A', 'Z') && value.ContainsAnyInRange('a', 'z'));

    /// <summary>Finds the end of a number, of true, false or null in JSON, where brackets and commas follow without a space.</summary>
    /// <returns>How long it is; 0 when there is none.</returns>
    public static int LengthOfLiteral(ReadOnlySpan<char> text)
    {
        if (text.IsEmpty || !(char.IsAsciiLetterOrDigit(text[0]) || text[0] == '-')) return 0;
        var rest = text[..Math.Min(text.Length, 64)];
        var end = rest.IndexOfAny(s_ends) is >= 0 and var found ? found : rest.Length;
        return rest[..end] is "true" or "false" or "null" || double.TryParse(rest[..end], NumberStyles.Float, CultureInfo.InvariantCulture, out _) ? end : 0;
    }

    /// <summary>Masks the texts in a list or an object in brackets, but for the names in it.</summary>
    /// <param name="text">The text.</param>
    /// <param name="start">Where the bracket is.</param>
    /// <param name="masked">Where the list goes.</param>
    /// <returns>Where it ends; <paramref name="start"/> when nothing in quotes stands in brackets there.</returns>
    public static int MaskList(string text, int start, StringBuilder masked)
    {
        var inner = start;
        while (inner < text.Length && (char.IsWhiteSpace(text[inner]) || text[inner] is '{' or '[' or '+' or '-')) inner++;
        if (text[start] is not ('{' or '[') || inner == text.Length || text[inner] is not ('"' or '\'')) return start;
        var (depth, limit, i, copied) = (0, Math.Min(text.Length, start + LongestList), start, start);
        do
        {
            if (text[i] is '{' or '[') depth++;
            else if (text[i] is '}' or ']') depth--;
            else if (text[i] is '"' or '\'')
            {
                var close = FindClose(text, i);
                if (!IsName(text, close + 1))
                {
                    masked.Append(text, copied, i + 1 - copied).Append(SecretMask.Replacement);
                    copied = close;
                }

                i = close;
            }

            i++;
        }
        while (depth > 0 && i < limit);
        var end = Math.Min(i, text.Length);
        if (copied < end) masked.Append(text, copied, end - copied);
        return end;
    }

    // Beyond the limit too: no text is masked in part.
    private static int FindClose(string text, int open)
    {
        var i = open + 1;
        while (i < text.Length && text[i] != text[open] && text[i] is not ('\r' or '\n')) i += text[i] == '\\' ? 2 : 1;
        return Math.Min(i, text.Length);
    }

    private static bool IsName(string text, int i)
    {
        while (i < text.Length && text[i] is ' ' or '\t') i++;
        return i < text.Length && text[i] is ':' or '=';
    }
}
