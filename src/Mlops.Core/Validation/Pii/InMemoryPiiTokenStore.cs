using System.Collections.Concurrent;

namespace Mlops.Validation;

/// <summary>A token store within this process; its content ends with it.</summary>
public sealed class InMemoryPiiTokenStore : IPiiTokenStore
{
    private readonly ConcurrentDictionary<string, byte[]> _tokens = new(StringComparer.Ordinal);

    /// <summary>Gets the number of tokens.</summary>
    public int Count => _tokens.Count;

    /// <inheritdoc/>
    public Task AddAsync(IReadOnlyDictionary<string, ReadOnlyMemory<byte>> tokens, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        foreach (var (token, content) in tokens)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (!_tokens.GetOrAdd(token, _ => content.ToArray()).AsSpan().SequenceEqual(content.Span)) throw StatePiiTokenStore.Conflict(token);
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task<ReadOnlyMemory<byte>?> FindAsync(string token, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(token);
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult(_tokens.TryGetValue(token, out var content) ? content.ToArray() : default(ReadOnlyMemory<byte>?));
    }
}
