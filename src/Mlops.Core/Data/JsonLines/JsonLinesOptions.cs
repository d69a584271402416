namespace Mlops.Data;

/// <summary>How a JSON Lines file is read.</summary>
public sealed record JsonLinesOptions
{
    /// <summary>Gets the number of rows from which columns and types are inferred; a later value of another type is an error that names its line.</summary>
    /// <value>The default value is 100,000 rows.</value>
    public int InferenceRows { get; init; } = 100_000;

    /// <summary>Gets what is done with rows that do not fit.</summary>
    /// <value>The default value is <see cref="BadRowHandling.Refuse"/>.</value>
    public BadRowHandling BadRowHandling { get; init; }

    /// <summary>Gets the longest line, in bytes; a longer one ends the reading.</summary>
    /// <value>The default value is 64 MB.</value>
    public int MaximumLineBytes { get; init; } = 64 << 20;

    internal void Check()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(InferenceRows, 1, nameof(InferenceRows));
        ArgumentOutOfRangeException.ThrowIfLessThan(MaximumLineBytes, 1, nameof(MaximumLineBytes));
    }
}
