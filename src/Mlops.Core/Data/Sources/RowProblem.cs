namespace Mlops.Data;

/// <summary>Why a row does not fit the schema.</summary>
/// <param name="Column">The column; <see langword="null"/> when the row as a whole is meant.</param>
/// <param name="Reason">What is wrong and what to do.</param>
internal sealed record RowProblem(string? Column, string Reason)
{
    public static RowProblem Missing(ColumnSchema column)
        => new(column.Name, "The value is missing, but the column must have one. Give it a value, or make the column nullable.");

    public static RowProblem WrongType(ColumnSchema column, string shown, string hint = "")
        => new(column.Name, $"{shown} is not {TypeText.Of(column)}. Correct it, or give the column another type{hint}.");
}
