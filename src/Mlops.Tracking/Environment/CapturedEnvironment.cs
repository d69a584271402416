using System.Text.Json.Serialization;

namespace Mlops.Tracking;

/// <summary>Where a process runs, as it is stored in <c>environment.json</c>. It holds no time, so that processes of one environment share one file.</summary>
internal sealed record CapturedEnvironment
{
    public string User { get; init; } = "";

    public string Machine { get; init; } = "";

    public string Program { get; init; } = "";

    public string Framework { get; init; } = "";

    public string RuntimeIdentifier { get; init; } = "";

    public bool ServerGarbageCollection { get; init; }

    public string OperatingSystem { get; init; } = "";

    public string Architecture { get; init; } = "";

    public string Cpu { get; init; } = "";

    public int Cores { get; init; }

    public long MemoryBytes { get; init; }

    public string Culture { get; init; } = "";

    public GitState? Git { get; init; }

    public IReadOnlyList<PackageVersion> Packages { get; init; } = [];
}

/// <summary>A package that the program was built with.</summary>
internal sealed record PackageVersion(string Name, string Version);

/// <summary>Which code runs.</summary>
/// <param name="Commit">The commit.</param>
/// <param name="Branch">The branch; <see langword="null"/> when none is checked out.</param>
/// <param name="Repository">Where it is kept; <see langword="null"/> when it has no remote.</param>
/// <param name="IsDirty">Whether there are changes that are not committed.</param>
internal sealed record GitState(string Commit, string? Branch, string? Repository, bool IsDirty)
{
    /// <summary>Gets the changes of files that are known to git, then the files that are not, small texts with their content; <see langword="null"/> when there are none or they are too large.</summary>
    [JsonIgnore]
    public string? Patch { get; init; }

    /// <summary>Gets whether there are changes that are too large to keep.</summary>
    public bool IsPatchTooLarge { get; init; }
}

[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(CapturedEnvironment))]
internal sealed partial class CapturedEnvironmentContext : JsonSerializerContext;
