using Mlops.Artifacts;
using Mlops.State;

namespace Mlops.Core.Tests.Data.Catalog;

internal sealed class GatedStateStore(IStateStore inner, StepGate gate) : IStateStore
{
    public async Task<StateEntry?> GetAsync(string key, CancellationToken cancellationToken = default)
    {
        await gate.StepAsync();
        return await inner.GetAsync(key, cancellationToken);
    }

    public async Task<bool> CompareAndSetAsync(string key, ReadOnlyMemory<byte>? value, string? expectedETag, CancellationToken cancellationToken = default)
    {
        await gate.StepAsync();
        return await inner.CompareAndSetAsync(key, value, expectedETag, cancellationToken);
    }

    public Task<IStateLease?> TryAcquireLeaseAsync(string key, TimeSpan duration, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public async IAsyncEnumerable<StateEntry> ListAsync(string prefix, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await gate.StepAsync();
        await foreach (var entry in inner.ListAsync(prefix, cancellationToken)) yield return entry;
    }
}

internal sealed class GatedArtifactStore(IArtifactStore inner, StepGate gate) : IArtifactStore
{
    public async Task<Artifact?> FindAsync(string path, CancellationToken cancellationToken = default)
    {
        await gate.StepAsync();
        return await inner.FindAsync(path, cancellationToken);
    }

    public async Task<Stream> OpenReadAsync(string path, long offset = 0, long? length = null, CancellationToken cancellationToken = default)
    {
        await gate.StepAsync();
        return await inner.OpenReadAsync(path, offset, length, cancellationToken);
    }

    public async Task<Artifact> WriteAsync(string path, Stream content, WriteCondition condition = default, CancellationToken cancellationToken = default)
    {
        await gate.StepAsync();
        return await inner.WriteAsync(path, content, condition, cancellationToken);
    }

    public async IAsyncEnumerable<Artifact> ListAsync(string prefix, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await gate.StepAsync();
        await foreach (var artifact in inner.ListAsync(prefix, cancellationToken)) yield return artifact;
    }

    public async Task<bool> DeleteAsync(string path, WriteCondition condition = default, CancellationToken cancellationToken = default)
    {
        await gate.StepAsync();
        return await inner.DeleteAsync(path, condition, cancellationToken);
    }
}
