using Mlops.Profiles;

namespace Mlops.Monitoring;

/// <summary>A chunk, and what its rows look like.</summary>
/// <param name="Chunk">The chunk.</param>
/// <param name="Profile">The profile of its rows.</param>
public sealed record ChunkProfile(DataChunk Chunk, DatasetProfile Profile);
