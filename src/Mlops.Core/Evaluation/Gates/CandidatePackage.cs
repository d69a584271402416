using Mlops.Models;

namespace Mlops.Evaluation;

/// <summary>The saved model that is to be promoted, and what can load it.</summary>
/// <param name="Path">The model directory.</param>
/// <param name="Flavors">The flavors that the host which will serve the model has; the first one of the directory's that is among them loads it.</param>
public sealed record CandidatePackage(string Path, IReadOnlyList<IModelFlavor> Flavors)
{
    /// <summary>Gets the digest that the directory must have: the one that is registered (<see cref="ModelDirectory.Digest"/>).</summary>
    /// <value>The default value is <see langword="null"/>: any, if every file is what the manifest says.</value>
    public string? Digest { get; init; }
}
