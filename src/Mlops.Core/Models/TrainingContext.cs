using Mlops.Data;

namespace Mlops.Models;

/// <summary>What a training works on.</summary>
/// <param name="training">The data to learn from; the roles of its columns say which are features, label and weight.</param>
public sealed class TrainingContext(IDataset training)
{
    /// <summary>Gets the data to learn from.</summary>
    public IDataset Training { get; } = training ?? throw new ArgumentNullException(nameof(training));

    /// <summary>Gets data to stop early on; <see langword="null"/> where there is none.</summary>
    public IDataset? Validation { get; init; }

    /// <summary>Gets the seed of everything random.</summary>
    /// <value>The default value is 0.</value>
    public ulong Seed { get; init; }

    /// <summary>Gets where progress is reported; <see langword="null"/> for nowhere.</summary>
    public IProgress<TrainingProgress>? Progress { get; init; }
}
