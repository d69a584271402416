using System.Security.Cryptography;

namespace Mlops.Data;

/// <summary>Takes in the rows of a dataset for a fingerprint.</summary>
internal abstract class RowDigest : IDisposable
{
    /// <summary>Adds rows.</summary>
    public abstract void Add(DataBatch batch);

    /// <summary>Adds what was made of the rows to the digest of the whole.</summary>
    public abstract void Finish(IncrementalHash all);

    public abstract void Dispose();
}
