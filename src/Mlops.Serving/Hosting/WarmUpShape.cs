namespace Mlops.Serving;

/// <summary>A shape of the batches that a new generation predicts before it serves: for inputs whose sizes the model leaves open, such as the length of a text in tokens.</summary>
/// <example><code>
/// model.WarmUpShapes = [new() { Inputs = { ["tokens"] = [128], ["mask"] = [128] } }, new() { Rows = 1, Inputs = { ["tokens"] = [512], ["mask"] = [512] } }];
/// </code></example>
public sealed class WarmUpShape
{
    /// <summary>Gets or sets the number of rows.</summary>
    /// <value>The default value is <see langword="null"/>: a batch of each of <see cref="HostedModelOptions.WarmUpRows"/>.</value>
    public int? Rows { get; set; }

    /// <summary>Gets the sizes of the dimensions after the first by the name of the input; of all its dimensions for an input whose rows are not those of the batch.</summary>
    /// <value>Empty at first. An input may be left out when its signature fixes its sizes, or golden rows were saved with the model: it has theirs.</value>
    public IDictionary<string, IReadOnlyList<int>> Inputs { get; } = new Dictionary<string, IReadOnlyList<int>>(StringComparer.Ordinal);

    internal WarmUpShape Copy()
    {
        var copy = new WarmUpShape { Rows = Rows };
        foreach (var (name, sizes) in Inputs) copy.Inputs.Add(name, [.. sizes]);
        return copy;
    }

    internal void Validate()
    {
        const string Option = nameof(HostedModelOptions.WarmUpShapes);
        if (Rows is { } rows) ArgumentOutOfRangeException.ThrowIfNegativeOrZero(rows, Option);
        foreach (var (name, sizes) in Inputs)
        {
            if (sizes is null) throw new ArgumentNullException(Option, $"The input '{name}' has no sizes.");
            foreach (var size in sizes)
            {
                if (size < 1) throw new ArgumentOutOfRangeException(Option, size, $"A size of the input '{name}' is not positive.");
            }
        }
    }
}
