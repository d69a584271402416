using Mlops.Data;

namespace Mlops.Tracking;

/// <summary>A dataset that a run used.</summary>
/// <param name="Dataset">The dataset: name, fingerprint, rows, schema.</param>
/// <param name="Context">What it was used for: <c>training</c>, <c>validation</c>, <c>test</c>.</param>
public sealed record DatasetInput(DatasetReference Dataset, string Context);
