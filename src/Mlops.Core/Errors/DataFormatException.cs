using System.Globalization;

namespace Mlops;

/// <summary>Data could not be read: a row with the wrong number of fields, a value that is not of the column's type.</summary>
/// <remarks>Nothing after the offending row has been delivered; every batch before it is whole and valid.</remarks>
/// <param name="source">The file or dataset.</param>
/// <param name="line">The line on which the row starts, counted from 1; 0 where the source has no lines.</param>
/// <param name="column">The column, or <see langword="null"/> where the whole row is meant.</param>
/// <param name="problem">What is wrong and what to do, without the place.</param>
/// <param name="innerException">The cause, if another exception was.</param>
public sealed class DataFormatException(string source, long line, string? column, string problem, Exception? innerException = null)
    : MlopsException(Describe(source, line, column, problem), innerException)
{
    /// <summary>Gets the file or dataset.</summary>
    public string DataSource { get; } = source;

    /// <summary>Gets the line on which the row starts, counted from 1; 0 where the source has no lines.</summary>
    public long Line { get; } = line;

    /// <summary>Gets the column, or <see langword="null"/> where the whole row is meant.</summary>
    public string? Column { get; } = column;

    private static string Describe(string source, long line, string? column, string problem)
    {
        var place = line > 0 ? string.Create(CultureInfo.InvariantCulture, $"{source}, line {line}") : source;
        return column is null ? $"{place}: {problem}" : $"{place}, column '{column}': {problem}";
    }
}
