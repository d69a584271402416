using Mlops.Profiles;

namespace Mlops.Monitoring;

/// <summary>A dataset in chunks, each described by a profile.</summary>
/// <param name="Chunks">The chunks, in the order of time or of their rows. Periods without any row have none.</param>
/// <param name="LeftOutRows">The number of rows that belong to no chunk: without a time, or too few for a whole chunk.</param>
public sealed record ChunkedProfiles(IReadOnlyList<ChunkProfile> Chunks, long LeftOutRows)
{
    /// <summary>Makes one profile of some of the chunks.</summary>
    /// <param name="chunks">The chunks, at least one.</param>
    /// <returns>The profile; those of the chunks stay as they are.</returns>
    internal static DatasetProfile Merge(IEnumerable<ChunkProfile> chunks)
    {
        DatasetProfile? merged = null;
        foreach (var chunk in chunks)
        {
            if (merged is null) merged = DatasetProfile.FromBytes(chunk.Profile.ToBytes());
            else merged.Merge(chunk.Profile);
        }

        return merged ?? throw new InvalidOperationException("There is no chunk.");
    }
}
