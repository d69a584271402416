using System.Globalization;

namespace Mlops.Validation;

/// <summary>A column that holds personal data of one kind.</summary>
/// <param name="Column">The column.</param>
/// <param name="Kind">What its values look like.</param>
/// <param name="RowCount">The number of rows that hold at least one such value.</param>
/// <param name="RowRatio">The share of these rows among those that have a value, from 0 to 1.</param>
/// <param name="ValueCount">The number of such values; a row of text may hold several.</param>
/// <param name="Confidence">
/// How much of it is likely to be what it looks like, from 0 to 1. Cards and bank accounts: from the data themselves, for chance lets 1 of 10 (1 of 97) look-alikes have right
/// check digits, so the look-alikes with wrong ones tell how many of the others are chance. Other kinds: fixed estimates of how distinctive the form is, 0.98 for an e-mail
/// address or IPv6, 0.95 for a telephone number with a plus sign, 0.9 for IPv4 or a telephone number named as such, 0.8 for one in national format, 0.5 to 0.6 for digits in one piece.
/// </param>
public sealed record PiiFinding(string Column, PiiKind Kind, long RowCount, double RowRatio, long ValueCount, double Confidence)
{
    /// <summary>Gets the first rows that hold such a value, counted from 0; at most ten.</summary>
    public IReadOnlyList<long> FirstRows { get; init; } = [];

    /// <summary>Writes the column, the kind and the figures.</summary>
    /// <returns>The text.</returns>
    public override string ToString()
        => string.Create(CultureInfo.InvariantCulture, $"{Column}: {Kind} in {RowCount:N0} rows ({100 * RowRatio:0.##} % of the values), confidence {Confidence:0.##}");
}
