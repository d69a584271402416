using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Mlops.Profiles;

namespace Mlops.Validation;

/// <summary>Learns what form texts have, as long as all of them have it: a known one (UUID, e-mail, day, number), or the same run of letters, digits and signs.</summary>
internal sealed class TextForms
{
    private const int LongestShape = 64;
    private const int MostRuns = 16;
    private const int MostShapes = 4;

    // The first that fits is taken: from the narrow ones to the wide ones. Fixed shapes (four digits) come between them.
    private static readonly (string Name, string Pattern)[] s_narrow =
    [
        ("a UUID", "^[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}$"),
        ("an e-mail address", @"^[^@\s]+@[^@\s]+\.[^@\s]+$"),
        ("a day", "^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$"),
        ("a moment", @"^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])[T ][0-2][0-9]:[0-5][0-9](:[0-6][0-9](\.[0-9]+)?)?(Z|[+-][0-9]{2}:?[0-9]{2})?$"),
        ("an IPv4 address", @"^[0-9]{1,3}(\.[0-9]{1,3}){3}$"),
        ("a web address", @"^https?://\S+$"),
    ];

    private static readonly (string Name, string Pattern)[] s_wide =
    [
        ("digits only", "^[0-9]+$"),
        ("a number", @"^[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?$"),
    ];

    private static readonly (string Pattern, Regex Regex)[] s_known =
        [.. s_narrow.Concat(s_wide).Select(form => (form.Pattern, new Regex(form.Pattern, RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)))];

    private readonly List<(string Pattern, Regex Regex)> _known = [.. s_known];

    private readonly (char Sign, int Shortest, int Longest)[] _runs = new (char, int, int)[MostRuns];
    private readonly ValueCounts _shapes = new(MostShapes);
    private int _runCount = -1;
    private bool _hasRuns = true;
    private char[] _text = new char[256];

    /// <summary>Gets the number of texts.</summary>
    public long Count { get; private set; }

    /// <summary>Gets whether no form is left that all texts have.</summary>
    private bool IsHopeless => _known.Count == 0 && !_hasRuns && !_shapes.IsExact;

    /// <summary>Adds a text.</summary>
    public void Add(ReadOnlySpan<byte> utf8)
    {
        Count++;
        if (IsHopeless) return;
        if (utf8.Length > _text.Length) _text = new char[utf8.Length];
        var text = _text.AsSpan(0, Encoding.UTF8.GetChars(utf8, _text));
        for (var i = _known.Count - 1; i >= 0; i--)
        {
            if (!_known[i].Regex.IsMatch(text)) _known.RemoveAt(i);
        }

        if (_hasRuns || _shapes.IsExact) AddShape(text);
    }

    /// <summary>Gets the narrowest form that all texts have; null where there is none.</summary>
    public (string Name, string Pattern)? Find()
    {
        if (Count == 0) return null;
        string[] known = [.. _known.Select(form => form.Pattern)];
        foreach (var form in s_narrow)
        {
            if (known.Contains(form.Pattern)) return form;
        }

        if (_shapes.IsExact && _shapes.DistinctCount > 0 && ValueFrequencies.Of(_shapes).IsClosed)
        {
            string[] shapes = [.. _shapes.GetOrdered().Select(pair => WriteShape(pair.Key)).Order(StringComparer.Ordinal)];
            return shapes.Length == 1 ? ("the same form", $"^{shapes[0]}$") : ("one of a few forms", $"^({string.Join('|', shapes)})$");
        }

        foreach (var form in s_wide)
        {
            if (known.Contains(form.Pattern)) return form;
        }

        if (!_hasRuns || _runCount < 1) return null;
        var pattern = new StringBuilder("^");
        foreach (var (sign, shortest, longest) in _runs.AsSpan(0, _runCount)) Append(pattern, sign, shortest, shortest == longest ? longest : null);
        return ("the same form but for lengths", pattern.Append('$').ToString());
    }

    private void AddShape(ReadOnlySpan<char> text)
    {
        Span<char> shape = stackalloc char[LongestShape];
        if (text.Length is 0 or > LongestShape || !TryClassify(text, shape))
        {
            _hasRuns = false;
            // More shapes than are kept: there is none.
            for (var i = 0; i <= MostShapes && _shapes.IsExact; i++) _shapes.Add(new string('?', i + 1), 1);
            return;
        }

        shape = shape[..text.Length];
        if (_shapes.IsExact) _shapes.Add(shape, 1);
        if (_hasRuns) AddRuns(shape);
    }

    private void AddRuns(ReadOnlySpan<char> shape)
    {
        var run = 0;
        for (var start = 0; start < shape.Length; run++)
        {
            var length = shape[start..].IndexOfAnyExcept(shape[start]) is >= 0 and var end ? end : shape.Length - start;
            if (run == MostRuns || (_runCount >= 0 && (run >= _runCount || _runs[run].Sign != shape[start])))
            {
                _hasRuns = false;
                return;
            }

            _runs[run] = _runCount < 0 ? (shape[start], length, length) : (shape[start], Math.Min(_runs[run].Shortest, length), Math.Max(_runs[run].Longest, length));
            start += length;
        }

        if (_runCount < 0) _runCount = run;
        else if (run != _runCount) _hasRuns = false;
    }

    /// <summary>Writes A for capital letters, a for small ones, 9 for digits, and other signs as they are.</summary>
    private static bool TryClassify(ReadOnlySpan<char> text, Span<char> shape)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (!char.IsAscii(text[i]) || char.IsControl(text[i])) return false;
            shape[i] = char.IsAsciiLetterUpper(text[i]) ? 'A' : char.IsAsciiLetterLower(text[i]) ? 'a' : char.IsAsciiDigit(text[i]) ? '9' : text[i];
        }

        return true;
    }

    private static string WriteShape(string shape)
    {
        var pattern = new StringBuilder();
        for (var start = 0; start < shape.Length;)
        {
            var length = shape.AsSpan(start).IndexOfAnyExcept(shape[start]) is >= 0 and var end ? end : shape.Length - start;
            Append(pattern, shape[start], length, length);
            start += length;
        }

        return pattern.ToString();
    }

    private static void Append(StringBuilder pattern, char sign, int shortest, int? longest)
    {
        pattern.Append(sign switch { 'A' => "[A-Z]", 'a' => "[a-z]", '9' => "[0-9]", _ => Regex.Escape(sign.ToString()) });
        if (longest is null) pattern.Append('+');
        else if (shortest > 1) pattern.Append(CultureInfo.InvariantCulture, $"{{{shortest}}}");
    }
}
