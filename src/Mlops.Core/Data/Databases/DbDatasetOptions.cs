namespace Mlops.Data;

/// <summary>How the rows of a query are read.</summary>
public sealed record DbDatasetOptions
{
    /// <summary>Gets the number of rows from which types are inferred, where the database does not tell them; a later value of another type is an error that names its row.</summary>
    /// <value>The default value is 10,000 rows.</value>
    public int InferenceRows { get; init; } = 10_000;

    /// <summary>Gets what is done with rows that do not fit.</summary>
    /// <value>The default value is <see cref="BadRowHandling.Refuse"/>.</value>
    public BadRowHandling BadRowHandling { get; init; }

    internal void Check() => ArgumentOutOfRangeException.ThrowIfLessThan(InferenceRows, 1, nameof(InferenceRows));
}
