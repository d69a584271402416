namespace Mlops.Data;

/// <summary>How a catalog compresses what it stores. A chunk that would hardly shrink is stored as it is.</summary>
public enum ChunkCompression
{
    /// <summary>Not at all.</summary>
    None,

    /// <summary>Deflate (RFC 1951), fast.</summary>
    Deflate,

    /// <summary>Brotli (RFC 7932), for less space and more time.</summary>
    Brotli,
}
