using Mlops.Models;
using Mlops.Tracking;

namespace Mlops.Serving;

internal sealed partial class ModelSlot
{
    private ModelVersion? _noted;
    private volatile bool _isLastGood;
    private bool _isSettling;

    /// <summary>Gets whether the version that was served last serves, because the source is out of reach.</summary>
    public bool IsLastGood => _isLastGood;

    /// <summary>Brings the slot to what the source gives now; where it gives nothing and nothing is served yet, to what was served last.</summary>
    private async Task<HostedModel> LoadOrServeLastGoodAsync(bool isAsked, CancellationToken cancellationToken)
    {
        try
        {
            var model = await LoadAndSwitchAsync(null, isAsked, cancellationToken).ConfigureAwait(false);
            (_isLastGood, _isSettling) = (false, false);
            await NoteAsync(ProvenVersionOf(model), cancellationToken).ConfigureAwait(false);
            return model;
        }
        catch (ModelLoadException error) when (error.IsTransient && _current is null && LastGood is not null)
        {
            if (await FindLastGoodAsync(cancellationToken).ConfigureAwait(false) is not { } version) throw;
            var model = await ServeLastGoodAsync(version, error, cancellationToken).ConfigureAwait(false);
            if (model is null) throw;
            return model;
        }
    }

    private LastGood? LastGood => _services.Options.ServeLastGood && Source.Uri is not null ? (_services.Loader as ModelLoader)?.LastGood : null;

    private async Task<ModelVersion?> FindLastGoodAsync(CancellationToken cancellationToken)
        => await LastGood!.FindAsync(Name, Source.Address, cancellationToken).ConfigureAwait(false);

    private async Task<HostedModel?> ServeLastGoodAsync(ModelVersion version, ModelLoadException cause, CancellationToken cancellationToken)
    {
        try
        {
            var model = await LoadAndSwitchAsync(version, isAsked: true, cancellationToken).ConfigureAwait(false);
            _isLastGood = true;
            SetLastError(cause);
            LogServesLastGood(Name, version.Version, Source, cause.Message);
            return model;
        }
        catch (ModelLoadException)
        {
            SetLastError(cause);
            return null; // Logged where it happened; what the caller is told is why it was tried.
        }
    }

    /// <summary>Notes the version that has passed its probation: the next start may have to do without the registry. Never fails.</summary>
    private async Task NoteProvenAsync()
    {
        try
        {
            await _swapping.WaitAsync(_stopping.Token).ConfigureAwait(false);
            try
            {
                if (_current is { } current) await NoteAsync(ProvenVersionOf(current.Model), _stopping.Token).ConfigureAwait(false);
            }
            finally
            {
                _swapping.Release();
            }
        }
        catch (OperationCanceledException)
        {
            // Shut down meanwhile: the version before it is what is known to be good.
        }
    }

    private async Task NoteAsync(ModelVersion version, CancellationToken cancellationToken)
    {
        if (LastGood is not { } lastGood || _noted is { } noted && IsSame(noted, version)) return;
        try
        {
            await lastGood.WriteAsync(Name, Source.Address, version, cancellationToken).ConfigureAwait(false);
            _noted = version;
        }
        catch (Exception error) when (!error.IsCancellation(cancellationToken))
        {
            LogNoteFailed(error, Name);
        }
        catch (OperationCanceledException)
        {
            // It serves all the same; noted with the next look.
        }
    }

    private void LogFailure(ModelLoadException failure)
    {
        // A source that settles is looked at often: it is told of once until it has.
        var isRepeated = _isSettling;
        _isSettling = failure.IsTransient && _feed.PollInterval is null;
        if (isRepeated && _isSettling) LogStillFails(failure, Name, Source);
        else if (_current is { } serving) LogLoadFailed(failure, Name, Source, serving.Model.Version.Version);
        else LogFirstLoadFailed(failure, Name, Source);
    }
}
