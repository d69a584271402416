using System.Globalization;
using Mlops.Models;

namespace Mlops.Serving;

/// <summary>How a hosted model is doing. A snapshot.</summary>
/// <param name="Name">The name under which the host serves it.</param>
/// <param name="Source">Where it comes from.</param>
/// <param name="Current">The generation that answers; <see langword="null"/> before the first one is loaded.</param>
/// <param name="Draining">Replaced generations whose last predictions or leases have not ended, the oldest first.</param>
/// <param name="LastError">Why the last attempt to load failed; <see langword="null"/> when it succeeded.</param>
public sealed record HostedModelStatus(
    string Name,
    ModelSource Source,
    HostedModel? Current,
    IReadOnlyList<HostedModel> Draining,
    ModelLoadException? LastError)
{
    /// <summary>Gets whether it serves, from the local copy, the version that was served last, because its source was out of reach when it was to be loaded; <see cref="LastError"/> says why.</summary>
    public bool IsLastGood { get; init; }

    /// <summary>Describes the model in one line.</summary>
    /// <returns>The description: <c>ridership (models:/ridership@champion): version 3; draining: version 2</c>.</returns>
    public override string ToString()
    {
        var draining = Draining.Count == 0 ? "" : $"; draining: {string.Join(", ", Draining.Select(Describe))}";
        return $"{Name} ({Source}): {(Current is null ? "not loaded" : Describe(Current))}{draining}{(IsLastGood ? "; last good copy" : "")}{(LastError is null ? "" : $"; last error: {LastError.Message}")}";
    }

    private static string Describe(HostedModel model) => string.Create(CultureInfo.InvariantCulture, $"version {model.Version.Version}");
}
