namespace Mlops.Tracking;

/// <summary>What is added to a run in one step.</summary>
public sealed record RunChanges
{
    /// <summary>Gets params; a name that exists must have the same value.</summary>
    public IReadOnlyList<Param> Params { get; init; } = [];

    /// <summary>Gets tags; they replace earlier values.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Tags { get; init; } = [];

    /// <summary>Gets datasets that were used; one that is known already is left out.</summary>
    public IReadOnlyList<DatasetInput> Inputs { get; init; } = [];
}
