namespace Mlops.Monitoring;

/// <summary>Limits from chunks of the reference, in place of p-values.</summary>
public sealed class ReferenceChunkOptions
{
    /// <summary>Gets how the reference is cut; its chunks should be as long as the current ones.</summary>
    /// <value>The default value is <see langword="null"/>: as the current data.</value>
    public Chunking? Chunking { get; init; }

    /// <summary>Gets how a limit follows from the chunks.</summary>
    /// <value>The default value is <see cref="ReferenceChunkRule.PredictionInterval"/>.</value>
    public ReferenceChunkRule Rule { get; init; }
}
