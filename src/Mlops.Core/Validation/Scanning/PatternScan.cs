using System.Text;
using System.Text.RegularExpressions;
using Mlops.Data;

namespace Mlops.Validation;

/// <summary>Looks for texts that do not match a regular expression; gives up where one takes too long.</summary>
internal sealed class PatternScan(PatternConstraint constraint, PatternMatcher matcher, ColumnSchema column, int rowsShown) : TextScan<PatternConstraint>(constraint, column, rowsShown)
{
    private Regex _regex = matcher.Backtracking;
    private char[] _text = new char[256];
    private bool _isGivenUp;

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
                $"The regular expression took longer than {_regex.MatchTimeout.TotalMilliseconds:0} ms for one text and was given up. It backtracks: avoid nested repetitions, look-around and back references."));
        }

        return IsWithin(Constraint.MinimumRatio) ? null : Found(AnomalyKind.PatternMismatch, $"{Share("texts")} do not match the regular expression{Expected(Constraint.MinimumRatio)}.");
    }

    protected override bool IsRight(ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length > _text.Length) _text = new char[utf8.Length];
        var text = _text.AsSpan(0, Encoding.UTF8.GetChars(utf8, _text));
        try
        {
            return _regex.IsMatch(text);
        }
        catch (RegexMatchTimeoutException) when (_regex != matcher.Linear && matcher.Linear is not null)
        {
            _regex = matcher.Linear;
            return _regex.IsMatch(text);
        }
    }
}
