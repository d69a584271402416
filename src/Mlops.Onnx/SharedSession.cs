namespace Mlops.Onnx;

/// <summary>A session with several owners; it is disposed when the last one releases it.</summary>
internal sealed class SharedSession(OrtSession session)
{
    private int _owners = 1;

    public OrtSession Session { get; } = session;

    /// <summary>Becomes an owner; <see langword="false"/> when the session is gone.</summary>
    public bool TryAcquire()
    {
        for (var owners = Volatile.Read(ref _owners); owners > 0;)
        {
            var seen = Interlocked.CompareExchange(ref _owners, owners + 1, owners);
            if (seen == owners) return true;
            owners = seen;
        }

        return false;
    }

    public void Release()
    {
        if (Interlocked.Decrement(ref _owners) == 0) Session.Dispose();
    }
}
