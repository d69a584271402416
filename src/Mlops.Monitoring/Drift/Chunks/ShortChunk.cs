namespace Mlops.Monitoring;

/// <summary>What becomes of the last rows when there are too few for a whole chunk.</summary>
public enum ShortChunk
{
    /// <summary>They are a chunk of their own, a short one.</summary>
    Keep,

    /// <summary>They are left out.</summary>
    Drop,

    /// <summary>They are added to the chunk before, which is then longer; without any, they are a chunk.</summary>
    Append,
}
