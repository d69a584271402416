namespace Mlops.Data;

/// <summary>What a garbage collection found and did. Files are chunks and manifests.</summary>
/// <param name="DeletedFiles">The number of files that were deleted.</param>
/// <param name="DeletedBytes">Their bytes.</param>
/// <param name="WaitingFiles">The number of files that nothing needs, but not for long enough: a collection after the grace period will delete them.</param>
/// <param name="WaitingBytes">Their bytes.</param>
/// <param name="UsedFiles">The number of files that versions, or registrations under way, need.</param>
/// <param name="UsedBytes">Their bytes.</param>
public sealed record GarbageCollectionResult(int DeletedFiles, long DeletedBytes, int WaitingFiles, long WaitingBytes, int UsedFiles, long UsedBytes);
