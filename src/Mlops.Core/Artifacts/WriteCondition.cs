namespace Mlops.Artifacts;

/// <summary>What must hold for a write or a delete to be carried out.</summary>
public readonly record struct WriteCondition
{
    private WriteCondition(bool mustBeAbsent, string? digest)
    {
        MustBeAbsent = mustBeAbsent;
        Digest = digest;
    }

    /// <summary>Gets the condition that always holds. It is the default.</summary>
    public static WriteCondition Always => default;

    /// <summary>Gets the condition that nothing is there yet.</summary>
    public static WriteCondition IfAbsent => new(true, null);

    /// <summary>Gets whether nothing may be there yet.</summary>
    public bool MustBeAbsent { get; }

    /// <summary>Gets the SHA-256 digest that the present content must have; <see langword="null"/> where it does not matter.</summary>
    public string? Digest { get; }

    /// <summary>Makes the condition that the present content is the one that was read.</summary>
    /// <param name="digest">Its SHA-256 digest, as in <see cref="Artifact.Digest"/>.</param>
    /// <returns>The condition.</returns>
    public static WriteCondition IfMatches(string digest)
    {
        ArgumentException.ThrowIfNullOrEmpty(digest);
        return new WriteCondition(false, digest);
    }
}
