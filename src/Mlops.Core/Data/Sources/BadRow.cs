namespace Mlops.Data;

/// <summary>A row that does not fit the schema of its dataset.</summary>
internal sealed record BadRow(string Source, long Line, string? Column, string Reason, string Text);
