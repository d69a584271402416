using Mlops.Data;
using Mlops.Profiles;

namespace Mlops.Validation;

/// <summary>What data are checked with, beside their schema.</summary>
public sealed class DataValidationOptions
{
    /// <summary>The usual name of the profile of the data before these: <c>previous</c>.</summary>
    public const string Previous = "previous";

    /// <summary>Gets the environment that the data are for, one of <see cref="ValidationSchema.Environments"/>; <see langword="null"/> where every column and constraint counts.</summary>
    public string? Environment { get; init; }

    /// <summary>Gets the profiles that constraints compare with, by name.</summary>
    public IDictionary<string, DatasetProfile> Profiles { get; init; } = new Dictionary<string, DatasetProfile>(StringComparer.Ordinal);

    /// <summary>Gets the keys that constraints look up, by name.</summary>
    public IDictionary<string, KeySet> Keys { get; init; } = new Dictionary<string, KeySet>(StringComparer.Ordinal);

    /// <summary>Gets the tests of columns that a schema in JSON names.</summary>
    public IDictionary<string, ColumnPredicate> Predicates { get; init; } = new Dictionary<string, ColumnPredicate>(StringComparer.Ordinal);

    /// <summary>Gets the tests of rows that a schema in JSON names; each is given a batch and the row in it.</summary>
    public IDictionary<string, Func<DataBatch, int, bool>> RowPredicates { get; init; } = new Dictionary<string, Func<DataBatch, int, bool>>(StringComparer.Ordinal);

    /// <summary>Gets the number of rows that a finding names.</summary>
    /// <value>The default value is 10.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is negative.</exception>
    public int RowsShown { get; init => field = CheckLimit.AtLeast(value, 0); } = 10;

    /// <summary>Gets how long the regular expression of a constraint may take for one text.</summary>
    /// <value>The default value is 100 ms.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is not above zero.</exception>
    public TimeSpan PatternTimeout { get; init => field = CheckLimit.Positive(value); } = TimeSpan.FromMilliseconds(100);
}
