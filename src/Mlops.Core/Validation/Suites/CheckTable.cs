namespace Mlops.Validation;

/// <summary>Figures of a check for people to read.</summary>
/// <param name="Title">What the table shows.</param>
/// <param name="Headers">The headings of the columns.</param>
/// <param name="Rows">The cells, row by row, as many as there are headings.</param>
public sealed record CheckTable(string Title, IReadOnlyList<string> Headers, IReadOnlyList<IReadOnlyList<string>> Rows);
