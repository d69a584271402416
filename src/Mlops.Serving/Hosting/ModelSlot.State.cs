using Mlops.Tracking;

namespace Mlops.Serving;

internal sealed partial class ModelSlot
{
    private HostedModelState State => _isClosed ? HostedModelState.Closed
        : _current is null ? (IsLazy ? HostedModelState.OnFirstUse : HostedModelState.NotLoaded)
        : _probation is null ? HostedModelState.Serving
        : HostedModelState.Probation;

    /// <summary>Whether a version was refused or rolled back, so that it is not tried again by itself.</summary>
    public bool IsRefused(ModelVersion version)
    {
        lock (_lock) return _refused is not null && IsSame(_refused, version);
    }

    /// <summary>Whether a version was refused or rolled back, and is not to be tried now. Any other version, or a request, lifts that.</summary>
    private bool IsRefused(ModelVersion version, bool isAsked)
    {
        lock (_lock)
        {
            if (_refused is null) return false;
            if (!isAsked && IsSame(_refused, version)) return true;
            _refused = null;
            return false;
        }
    }
}
