using Mlops.Tracking;

namespace Mlops.Serving;

/// <summary>Numbers what a source without versions of its own gives: 1 for the first content, one more for each change. The digest says what it is.</summary>
internal sealed class VersionNumbers(string name, string place, TimeProvider time)
{
    private readonly Lock _lock = new();
    private ModelVersion? _last;
    private long _looks;
    private long _lastLook;

    public ModelVersion? Last
    {
        get
        {
            lock (_lock) return _last;
        }
    }

    /// <summary>Begins a look at the source.</summary>
    /// <returns>The number of the look.</returns>
    public long BeginLook() => Interlocked.Increment(ref _looks);

    /// <summary>Numbers what a look has found. What one finds that began before another one has answered is old: the answer of that one holds.</summary>
    public ModelVersion Of(long look, string digest)
    {
        lock (_lock)
        {
            if (_last is not null && look < _lastLook) return _last;
            _lastLook = look;
            return _last is not null && _last.Digest == digest
                ? _last
                : _last = new ModelVersion(name, (_last?.Version ?? 0) + 1, place, digest, time.GetUtcNow());
        }
    }
}
