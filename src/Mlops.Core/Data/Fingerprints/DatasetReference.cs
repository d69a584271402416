namespace Mlops.Data;

/// <summary>Points at a dataset and says which content it had: the version of data in runs, lineage and caches.</summary>
/// <param name="Name">The dataset's name.</param>
/// <param name="Digest">The fingerprint: SHA-256 of schema and content, 64 lower-case hexadecimal digits.</param>
/// <param name="RowCount">The number of rows.</param>
/// <param name="Schema">The schema.</param>
/// <param name="Source">Where it came from: a path, a query; <see langword="null"/> where that has no name.</param>
public sealed record DatasetReference(string Name, string Digest, long RowCount, DataSchema Schema, string? Source = null);
