using System.Text.Json.Serialization;

namespace Mlops.Validation;

/// <summary>Something that must hold for the values of a column one by one, or for a share of them. Missing values are not judged.</summary>
public abstract record ValueConstraint : ColumnConstraint
{
    private protected ValueConstraint()
    {
    }

    /// <summary>Gets the smallest share of the values for which it must hold, 0..1.</summary>
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

    /// <summary>Describes the constraint in the invariant culture.</summary>
    /// <returns>The description.</returns>
    public abstract override string ToString();

    internal override string? FindProblem() => CheckRatio(MinimumRatio);
}
