namespace Mlops.Tracking;

/// <summary>The params, tags and inputs that were logged to a run. Not safe for concurrent use.</summary>
internal sealed class RunEntries
{
    public List<Param> Params { get; } = [];

    /// <summary>Gets the tags in the order in which they were set, and removed, which a value of <see langword="null"/> stands for.</summary>
    public List<KeyValuePair<string, string?>> Tags { get; } = [];

    public List<DatasetInput> Inputs { get; } = [];

    public string? Name { get; set; }

    /// <summary>Gets or sets about how many bytes they take.</summary>
    public long Bytes { get; set; }

    public int Count => Params.Count + Tags.Count + Inputs.Count + (Name is null ? 0 : 1);

    public void AddRange(RunEntries later)
    {
        Params.AddRange(later.Params);
        Tags.AddRange(later.Tags);
        Inputs.AddRange(later.Inputs);
        Name = later.Name ?? Name;
        Bytes += later.Bytes;
    }

    public RunChanges ToChanges(RunEnd? end)
    {
        if (!Tags.Exists(tag => tag.Value is null)) return new() { Name = Name, Params = [.. Params], Tags = [.. Tags!], Inputs = [.. Inputs], End = end };
        // Changes remove tags before they set them, so only what was done last with each of them counts.
        var last = new OrderedDictionary<string, string?>(StringComparer.Ordinal);
        foreach (var (name, value) in Tags) last[name] = value;
        return new()
        {
            Name = Name,
            Params = [.. Params],
            Tags = [.. last.Where(tag => tag.Value is not null)!],
            RemovedTags = [.. last.Where(tag => tag.Value is null).Select(tag => tag.Key)],
            Inputs = [.. Inputs],
            End = end,
        };
    }

    public void Clear()
    {
        Params.Clear();
        Tags.Clear();
        Inputs.Clear();
        Name = null;
        Bytes = 0;
    }
}
