using System.Text.RegularExpressions;

namespace Mlops.Validation;

/// <summary>A regular expression, ready to be matched. Immutable, safe for concurrent use.</summary>
internal sealed class PatternMatcher
{
    public PatternMatcher(string pattern, TimeSpan timeout)
    {
        // Compiled: a validator is made once, and matches millions of texts.
        Backtracking = new Regex(pattern, RegexOptions.CultureInvariant | RegexOptions.Compiled, timeout);
        // The time of compilation is not the time of a text.
        _ = Backtracking.IsMatch("");
        try
        {
            Linear = new Regex(pattern, RegexOptions.CultureInvariant | RegexOptions.NonBacktracking, timeout);
        }
        catch (NotSupportedException)
        {
            // Look-around, back references and atomic groups need backtracking.
        }
    }

    /// <summary>Gets the form that is faster for most texts, and explodes for some.</summary>
    public Regex Backtracking { get; }

    /// <summary>Gets the form whose time is linear in the text; <see langword="null"/> where there is none.</summary>
    public Regex? Linear { get; }
}
