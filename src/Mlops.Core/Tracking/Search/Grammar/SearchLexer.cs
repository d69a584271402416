namespace Mlops.Tracking;

/// <summary>Cuts the text of a filter or of an order into its parts.</summary>
/// <param name="text">The text.</param>
internal sealed class SearchLexer(string text)
{
    private int _position;

    /// <summary>Gets the text.</summary>
    public string Text => text;

    /// <summary>Reads the next part.</summary>
    /// <returns>The part; at the end of the text <see cref="SearchTokenKind.End"/>, again and again.</returns>
    /// <exception cref="SearchSyntaxException">A quote is not closed, a text holds what no store keeps, or a number is malformed.</exception>
    public SearchToken Next()
    {
        while (_position < text.Length && char.IsWhiteSpace(text[_position])) _position++;
        if (_position == text.Length) return new SearchToken(SearchTokenKind.End, "", _position, _position);
        var c = text[_position];
        return c switch
        {
            '\'' => ReadQuoted(SearchTokenKind.SingleQuoted, c),
            '"' => ReadQuoted(SearchTokenKind.DoubleQuoted, c),
            '`' => ReadQuoted(SearchTokenKind.Backticked, c),
            '(' => Take(SearchTokenKind.Open, 1),
            ')' => Take(SearchTokenKind.Close, 1),
            ',' => Take(SearchTokenKind.Comma, 1),
            '=' or '!' or '<' or '>' => Take(SearchTokenKind.Comparison, CountWhile(_position, static sign => sign is '=' or '!' or '<' or '>')),
            _ when IsNumberStart() => ReadNumber(),
            _ when IsWordCharacter(c) => Take(SearchTokenKind.Word, CountWhile(_position, IsWordCharacter)),
            _ => Take(SearchTokenKind.Other, char.IsHighSurrogate(c) && _position + 1 < text.Length ? 2 : 1),
        };
    }

    /// <summary>Makes the exception for something that is wrong with the text.</summary>
    /// <param name="problem">What is wrong and what to write instead, as a sentence.</param>
    /// <param name="position">Where.</param>
    /// <returns>The exception.</returns>
    public SearchSyntaxException Error(string problem, int position)
        => new(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{problem} (At position {position} of the text.)"), text, position);

    private static bool IsWordCharacter(char c) => char.IsLetterOrDigit(c) || c is '_' or '.' or '$' || char.GetUnicodeCategory(c) == System.Globalization.UnicodeCategory.NonSpacingMark;

    private static bool IsSign(char c) => c == '-';

    private bool IsDigit(int position) => position < text.Length && char.IsAsciiDigit(text[position]);

    private bool IsNumberStart()
    {
        var start = IsSign(text[_position]) ? _position + 1 : _position;
        return IsDigit(start) || (start < text.Length && text[start] == '.' && IsDigit(start + 1));
    }

    private SearchToken ReadNumber()
    {
        var end = IsSign(text[_position]) ? _position + 1 : _position;
        end += CountWhile(end, char.IsAsciiDigit);
        if (end < text.Length && text[end] == '.')
        {
            end++;
            end += CountWhile(end, char.IsAsciiDigit);
        }

        if (end < text.Length && text[end] is 'e' or 'E')
        {
            var digits = end + 1 < text.Length && text[end + 1] is '+' or '-' ? end + 2 : end + 1;
            if (!IsDigit(digits)) throw Error("The exponent of this number has no digits; write it like 1e-3.", _position);
            end = digits + CountWhile(digits, char.IsAsciiDigit);
        }

        if (end < text.Length && IsWordCharacter(text[end]))
            throw Error("This is neither a number nor a text; write numbers like 0.9, -3 or 1e-3, and put texts into quotes.", _position);
        return Take(SearchTokenKind.Number, end - _position);
    }

    private SearchToken ReadQuoted(SearchTokenKind kind, char quote)
    {
        var close = text.IndexOf(quote, _position + 1);
        if (close < 0) throw Error($"This {quote} is never closed; put another {quote} behind the text.", _position);
        var content = text[(_position + 1)..close];
        if (SearchTexts.IndexOfForbidden(content) is >= 0 and var forbidden)
            throw Error("This text holds U+0000 or half a surrogate pair, which no store keeps; remove it.", _position + 1 + forbidden);
        var token = new SearchToken(kind, content, _position, close + 1);
        _position = close + 1;
        return token;
    }

    private SearchToken Take(SearchTokenKind kind, int length)
    {
        var token = new SearchToken(kind, text.Substring(_position, length), _position, _position + length);
        _position += length;
        return token;
    }

    private int CountWhile(int start, Func<char, bool> belongs)
    {
        var end = start;
        while (end < text.Length && belongs(text[end])) end++;
        return end - start;
    }
}
