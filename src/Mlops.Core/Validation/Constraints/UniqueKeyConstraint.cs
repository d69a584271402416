using System.Text.Json.Serialization;

namespace Mlops.Validation;

/// <summary>Some columns together must identify the row. Rows in which one of them is missing have no key, and violate it.</summary>
/// <remarks>The check is exact; memory holds every different key.</remarks>
/// <param name="Columns">The columns, one or several.</param>
public sealed record UniqueKeyConstraint(IReadOnlyList<string> Columns) : DatasetConstraint
{
    /// <summary>Gets the smallest share of the rows that have a key of their own, 0..1.</summary>
    /// <value>The default value is 1: all of them.</value>
    [JsonIgnore]
    public double MinimumRatio { get; init; } = 1;

    [JsonInclude]
    [JsonPropertyName("minimumRatio")]
    internal double? WrittenMinimumRatio
    {
        get => MinimumRatio == 1 ? null : MinimumRatio;
        init => MinimumRatio = value ?? 1;
    }

    internal override object Subject => (GetType(), string.Join('\n', Columns));

    internal override string? FindProblem()
        => Columns is null or { Count: 0 } ? "it names no column"
        : Columns.Distinct(StringComparer.Ordinal).Count() < Columns.Count ? "it names a column twice"
        : CheckRatio(MinimumRatio);

    /// <summary>Describes the constraint in the invariant culture.</summary>
    /// <returns>The description.</returns>
    public override string ToString() => $"no key ({string.Join(", ", Columns)}) twice{ShowRatio(MinimumRatio, "rows")}";
}
