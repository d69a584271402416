namespace Mlops.Data;

/// <summary>A registration under way: what it relies on is protected until it is committed or given up.</summary>
/// <remarks>See <see cref="GarbageCollector"/> for why this is safe at any time.</remarks>
internal sealed class ActiveRegistration : IAsyncDisposable
{
    private readonly CatalogState _state;
    private readonly string _name;
    private readonly string _id;
    private readonly TimeSpan _timeout;
    private DateTimeOffset _renewedAt;
    private int _notes;
    private bool _isCommitted;

    private ActiveRegistration(CatalogState state, string name, TimeSpan timeout)
    {
        (_state, _name, _timeout) = (state, name, timeout);
        (_id, _renewedAt) = (state.CreateId(), state.Now);
    }

    /// <summary>Gets the version that was the latest when the registration began.</summary>
    public VersionDocument? Parent { get; private set; }

    public static async Task<ActiveRegistration> BeginAsync(CatalogState state, string name, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var registration = new ActiveRegistration(state, name, timeout);
        await state.UpdateAsync(
            name,
            document =>
            {
                registration.Parent = document.Versions.LastOrDefault();
                return document with { Registrations = [.. document.Registrations, new RegistrationDocument(registration._id, registration._renewedAt + timeout)] };
            },
            cancellationToken).ConfigureAwait(false);
        return registration;
    }

    /// <summary>Protects files before they are relied on.</summary>
    /// <returns>The digests of the writes that a collection is deleting at the moment; these may not be relied on.</returns>
    /// <exception cref="StorageException">A collection has given the registration up.</exception>
    public async Task<HashSet<string>> ProtectAsync(string[] paths, CancellationToken cancellationToken)
    {
        await RenewAsync(cancellationToken).ConfigureAwait(false);
        await _state.ProtectAsync(_id, ++_notes, paths, cancellationToken).ConfigureAwait(false);
        var (sweep, _) = await _state.GetSweepAsync(cancellationToken).ConfigureAwait(false);
        return [.. sweep.Files.Select(file => file.Digest)];
    }

    /// <summary>Makes it last on, if a third of its time is over.</summary>
    /// <exception cref="StorageException">A collection has given the registration up.</exception>
    public async Task RenewAsync(CancellationToken cancellationToken)
    {
        var now = _state.Now;
        if (now - _renewedAt < _timeout / 3) return;
        await _state.UpdateAsync(_name, document => document with { Registrations = [.. WithoutThis(document), new RegistrationDocument(_id, now + _timeout)] }, cancellationToken).ConfigureAwait(false);
        _renewedAt = now;
    }

    /// <summary>Ends the registration, changing the dataset in the same atomic step.</summary>
    /// <exception cref="StorageException">A collection has given the registration up.</exception>
    public async Task CommitAsync(Func<DatasetDocument, DatasetDocument> change, CancellationToken cancellationToken)
    {
        await _state.UpdateAsync(_name, document => change(document with { Registrations = WithoutThis(document) }), cancellationToken).ConfigureAwait(false);
        _isCommitted = true;
    }

    /// <summary>Gives the registration up unless it was committed; what it wrote is left to the next collection.</summary>
    public async ValueTask DisposeAsync()
    {
        // Also when the caller has cancelled: a registration that is known to be over needs no protection until its timeout.
        try
        {
            if (!_isCommitted)
            {
                await _state.UpdateAsync(
                    _name,
                    document => Array.Exists(document.Registrations, registration => registration.Id == _id) ? document with { Registrations = WithoutThis(document) } : null,
                    CancellationToken.None).ConfigureAwait(false);
            }

            await _state.UnprotectAsync(_id, _notes, CancellationToken.None).ConfigureAwait(false);
        }
        catch (StorageException)
        {
            // It ends by its timeout then, and the next collection takes its notes away; what the registration itself ended with matters more.
        }
    }

    private RegistrationDocument[] WithoutThis(DatasetDocument document)
    {
        RegistrationDocument[] others = [.. document.Registrations.Where(registration => registration.Id != _id)];
        return others.Length < document.Registrations.Length ? others : throw new StorageException(
            "dataset catalog",
            "register dataset",
            $"The registration of '{_name}' was silent for longer than {_timeout}, and a garbage collection has given it up; nothing was registered. Register again, with a longer RegistrationTimeout if the source is that slow.")
        {
            IsTransient = true,
        };
    }
}
