using System.Globalization;

namespace Mlops.Data;

/// <summary>A version of a dataset in a catalog. A snapshot; the content of a version never changes.</summary>
/// <param name="Name">The dataset.</param>
/// <param name="Version">The number, from 1; a number is never given twice.</param>
/// <param name="Fingerprint">The fingerprint of the rows in their order, as <see cref="DatasetFingerprint"/> makes it: 64 lower-case hexadecimal digits.</param>
/// <param name="RowCount">The number of rows.</param>
/// <param name="ByteCount">The bytes of all its chunks as they are stored; other versions may share them.</param>
/// <param name="ManifestId">The SHA-256 digest of its manifest: 64 lower-case hexadecimal digits.</param>
/// <param name="CreatedAt">When it was registered.</param>
public sealed record DatasetVersion(string Name, int Version, string Fingerprint, long RowCount, long ByteCount, string ManifestId, DateTimeOffset CreatedAt)
{
    /// <summary>Gets the version that was the latest when this one's registration began; <see langword="null"/> for the first one.</summary>
    public int? ParentVersion { get; init; }

    /// <summary>Gets what is new in it, as the registration told.</summary>
    public string? Message { get; init; }

    /// <summary>Gets where it came from: a path, a query.</summary>
    public string? Source { get; init; }

    /// <summary>Gets the tags that the registration gave to this version.</summary>
    public IReadOnlyDictionary<string, string> Tags { get; init; } = new Dictionary<string, string>();

    /// <summary>Gets the address: <c>rides@3</c>.</summary>
    public string Address => string.Create(CultureInfo.InvariantCulture, $"{Name}@{Version}");

    /// <summary>Writes the address, the number of rows and the beginning of the fingerprint.</summary>
    /// <returns>The text.</returns>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Address}, {RowCount} rows, {Fingerprint[..Math.Min(8, Fingerprint.Length)]}");
}
