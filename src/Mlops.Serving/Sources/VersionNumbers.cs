using Mlops.Tracking;

namespace Mlops.Serving;

/// <summary>Numbers what a source without versions of its own gives: 1 for the first content, one more for each change. The digest says what it is.</summary>
internal sealed class VersionNumbers(string name, string place, TimeProvider time)
{
    private readonly Lock _lock = new();
    private ModelVersion? _last;

    public ModelVersion? Last
    {
        get
        {
            lock (_lock) return _last;
        }
    }

    public ModelVersion Of(string digest)
    {
        lock (_lock)
        {
            return _last is not null && _last.Digest == digest
                ? _last
                : _last = new ModelVersion(name, (_last?.Version ?? 0) + 1, place, digest, time.GetUtcNow());
        }
    }
}
