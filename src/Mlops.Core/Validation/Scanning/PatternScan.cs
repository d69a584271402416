using System.Text;
using System.Text.RegularExpressions;
using Mlops.Data;

namespace Mlops.Validation;

/// <summary>Looks for texts that do not match a regular expression; gives up where one takes too long.</summary>
internal sealed class PatternScan(PatternConstraint constraint, Regex regex, ColumnSchema column, int rowsShown) : TextScan<PatternConstraint>(constraint, column, rowsShown)
{
    private char[] _text = new char[256];
    private bool _isGivenUp;

    /// <summary>Prepares an expression: without backtracking where it can do without.</summary>
    public static Regex Prepare(PatternConstraint constraint, TimeSpan timeout)
    {
        try
        {
            return new Regex(constraint.Pattern, RegexOptions.CultureInvariant | RegexOptions.NonBacktracking, timeout);
        }
        catch (NotSupportedException)
        {
            return new Regex(constraint.Pattern, RegexOptions.CultureInvariant, timeout);
        }
    }

    public override void Add(ColumnView view)
    {
        if (_isGivenUp) return;
        try
        {
            base.Add(view);
        }
        catch (RegexMatchTimeoutException)
        {
            _isGivenUp = true;
        }
    }

    public override ValidationFinding? Finish()
    {
        if (_isGivenUp)
        {
            return Found(AnomalyKind.PatternTimeout, FormattableString.Invariant(
                $"The regular expression took longer than {regex.MatchTimeout.TotalMilliseconds:0} ms for one text and was given up. It backtracks: avoid nested repetitions, look-around and back references."));
        }

        return IsWithin(Constraint.MinimumRatio) ? null : Found(AnomalyKind.PatternMismatch, $"{Share("texts")} do not match the regular expression{Expected(Constraint.MinimumRatio)}.");
    }

    protected override bool IsRight(ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length > _text.Length) _text = new char[utf8.Length];
        return regex.IsMatch(_text.AsSpan(0, Encoding.UTF8.GetChars(utf8, _text)));
    }
}
