namespace Mlops.Data;

/// <summary>A chunk that is to be stored.</summary>
/// <param name="Id">The SHA-256 digest of its content.</param>
/// <param name="Rows">The number of rows.</param>
/// <param name="ContentLength">The length of its content.</param>
/// <param name="Frame">The file.</param>
internal sealed record EncodedChunk(string Id, int Rows, int ContentLength, byte[] Frame);
