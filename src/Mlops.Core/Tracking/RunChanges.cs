namespace Mlops.Tracking;

/// <summary>What is changed of a run in one step.</summary>
public sealed record RunChanges
{
    /// <summary>Gets the new name; <see langword="null"/> to leave it.</summary>
    public string? Name { get; init; }

    /// <summary>Gets params; a name that exists must have the same value.</summary>
    public IReadOnlyList<Param> Params { get; init; } = [];

    /// <summary>Gets tags; they replace earlier values.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Tags { get; init; } = [];

    /// <summary>Gets the names of tags to remove, before <see cref="Tags"/> are set; one that is absent is passed over.</summary>
    public IReadOnlyList<string> RemovedTags { get; init; } = [];

    /// <summary>Gets datasets that were used; one that is known already is left out.</summary>
    public IReadOnlyList<DatasetInput> Inputs { get; init; } = [];

    /// <summary>Gets how the run ends with this step; <see langword="null"/> when it goes on.</summary>
    public RunEnd? End { get; init; }

    /// <summary>Gets by what the changes are known; <see langword="null"/> for changes that are made as often as they are asked for.</summary>
    /// <remarks>
    /// A store that has made changes of this writer with this number or a higher one does nothing and takes it for success, also when the run has ended or was resumed since. The writers of
    /// changes and those of <see cref="MetricBatch"/> are one and the same kind: a handle that writes both is two writers.
    /// </remarks>
    public ChangeOrigin? Origin { get; init; }

    /// <summary>Gets the <see cref="RunLease.Holder"/> that makes the changes; <see langword="null"/> for changes that anybody may make. When another one was the last that created or resumed the run, they are refused.</summary>
    public string? Holder { get; init; }
}
