namespace Mlops.Data;

/// <summary>How a CSV file is written.</summary>
public sealed class CsvOptions
{
    /// <summary>Gets the separator of fields, an ASCII character; <see langword="null"/> to detect it among comma, semicolon, tab and bar.</summary>
    /// <value>The default value is <see langword="null"/>.</value>
    public char? Separator { get; init; }

    /// <summary>Gets the unquoted or quoted texts that mean that a value is missing; the empty text always does.</summary>
    /// <value>The default value is <c>NA</c>.</value>
    public IReadOnlyList<string> NullTexts { get; init; } = ["NA"];

    /// <summary>Gets the number of rows from which types are inferred; a later value of another type is an error that names its line.</summary>
    /// <value>The default value is 100,000 rows.</value>
    public int InferenceRows { get; init; } = 100_000;
}
