using System.Text;

namespace Mlops.Data;

/// <summary>How a CSV file is written, and how it is read.</summary>
public sealed record CsvOptions
{
    /// <summary>Gets the separator of fields, an ASCII character; <see langword="null"/> to detect it among comma, semicolon, tab and bar; with a decimal comma it is the semicolon.</summary>
    /// <value>The default value is <see langword="null"/>.</value>
    public char? Separator { get; init; }

    /// <summary>Gets the separator between the whole and the fraction of numbers: a point, or a comma as in much of Europe.</summary>
    /// <value>The default value is the point. Where it is the comma, a number with a point is none; vectors are always written with the point.</value>
    public char DecimalSeparator { get; init; } = '.';

    /// <summary>Gets whether the first line names the columns. Otherwise they are <c>column1</c>, <c>column2</c> …, or those of the given schema.</summary>
    /// <value>The default value is <see langword="true"/>.</value>
    public bool HasHeader { get; init; } = true;

    /// <summary>Gets the encoding; <see langword="null"/> for what the byte order mark says, or UTF-8 without one.</summary>
    /// <value>The default value is <see langword="null"/>.</value>
    public Encoding? Encoding { get; init; }

    /// <summary>Gets the unquoted or quoted texts that mean that a value is missing; the empty text always does.</summary>
    /// <value>The default value is <c>NA</c>.</value>
    public IReadOnlyList<string> NullTexts { get; init; } = ["NA"];

    /// <summary>Gets the number of rows from which types are inferred; a later value of another type is an error that names its line.</summary>
    /// <value>The default value is 100,000 rows.</value>
    public int InferenceRows { get; init; } = 100_000;

    /// <summary>Gets what is done with rows that do not fit.</summary>
    /// <value>The default value is <see cref="BadRowHandling.Refuse"/>.</value>
    public BadRowHandling BadRowHandling { get; init; }

    /// <summary>Gets the longest row, in bytes. A longer one ends the reading: most often a quote is missing, and the row is the rest of the file.</summary>
    /// <value>The default value is 64 MB.</value>
    public int MaximumRowBytes { get; init; } = 64 << 20;

    /// <summary>Gets the number of threads that parse parts of the file at the same time; rows keep their order, batches may be smaller.</summary>
    /// <value>The default value is 1. Of several files, so many are read at the same time. Bad rows are quarantined by one thread, whatever is asked for here.</value>
    public int Parallelism { get; init; } = 1;

    internal void Check()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(InferenceRows, 1, nameof(InferenceRows));
        ArgumentOutOfRangeException.ThrowIfLessThan(MaximumRowBytes, 1, nameof(MaximumRowBytes));
        ArgumentOutOfRangeException.ThrowIfLessThan(Parallelism, 1, nameof(Parallelism));
        if (DecimalSeparator is not ('.' or ',') || DecimalSeparator == Separator)
            throw new ArgumentException($"The decimal separator '{DecimalSeparator}' is neither a point nor a comma, or it separates the fields too.", nameof(DecimalSeparator));
        if (Separator is { } separator && (!char.IsAscii(separator) || separator is '"' or '\r' or '\n'))
            throw new ArgumentException($"The separator '{separator}' is not an ASCII character that can separate fields.", nameof(Separator));
    }
}
