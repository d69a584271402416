using System.Globalization;
using System.Text;

namespace Mlops.Validation;

/// <summary>What is left of a text when its spelling does not matter: its letters and digits, in lower case.</summary>
internal static class BaseForm
{
    /// <summary>Makes the base form: empty for texts without letters and digits.</summary>
    /// <remarks>Composed and decomposed letters are different: whether a host can normalize texts depends on its globalization mode, and the result must not.</remarks>
    public static string Make(ReadOnlySpan<byte> utf8)
    {
        var text = Encoding.UTF8.GetString(utf8);
        var form = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            // A mark belongs to its letter: without it, the text would be another one.
            if (Rune.IsLetterOrDigit(rune) || Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark) form.Append(Rune.ToLowerInvariant(rune).ToString());
        }

        return form.ToString();
    }
}
