namespace Mlops.Data;

/// <summary>What is told about data when they are registered in a catalog.</summary>
public sealed class DatasetRegistration
{
    /// <summary>Gets what the dataset is; what it was before stays when <see langword="null"/>.</summary>
    public string? Description { get; init; }

    /// <summary>Gets who answers for the dataset; who did before stays when <see langword="null"/>.</summary>
    public string? Owner { get; init; }

    /// <summary>Gets what is new in this version.</summary>
    public string? Message { get; init; }

    /// <summary>Gets where the data came from: a path, a query.</summary>
    public string? Source { get; init; }

    /// <summary>Gets the tags of this version; they are added to those of the dataset, too.</summary>
    public IReadOnlyDictionary<string, string> Tags { get; init; } = new Dictionary<string, string>();

    /// <summary>Gets whether a new version is made also when a version of the dataset has the same rows and schema already.</summary>
    /// <value>The default value is <see langword="false"/>: the existing version is returned, and its message, source and tags stay as they are.</value>
    public bool AlwaysNew { get; init; }
}
