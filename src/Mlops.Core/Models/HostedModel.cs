using System.Globalization;
using Mlops.Profiles;
using Mlops.Tracking;

namespace Mlops.Models;

/// <summary>One generation of a hosted model: which version it is and since when. A snapshot.</summary>
/// <param name="Name">The name under which the host serves it.</param>
/// <param name="Version">The version of the registered model.</param>
/// <param name="Signature">The inputs and outputs.</param>
/// <param name="LoadedAt">When it began to serve.</param>
public sealed record HostedModel(string Name, ModelVersion Version, ModelSignature Signature, DateTimeOffset LoadedAt)
{
    /// <summary>Gets the SHA-256 digest of the model directory's manifest.</summary>
    public string Digest => Version.Digest;

    /// <summary>Gets the profile of the training data, shared by everybody who asks: do not add to it. <see langword="null"/> when none was saved with the model.</summary>
    public DatasetProfile? Profile { get; init; }

    /// <summary>Describes the generation in one line, in the invariant culture.</summary>
    /// <returns>The description.</returns>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Name}: {Version}; serves since {LoadedAt:O}");
}
