using Mlops.State;

namespace Mlops.Validation;

/// <summary>A token store over a state store that hosts share.</summary>
/// <remarks>Each token is one key, written by compare-and-set: hosts that mask the same value at once agree on one content.</remarks>
/// <param name="state">The state store.</param>
/// <param name="prefix">What the keys begin with.</param>
public sealed class StatePiiTokenStore(IStateStore state, string prefix = "pii-tokens/") : IPiiTokenStore
{
    private readonly IStateStore _state = state ?? throw new ArgumentNullException(nameof(state));
    private readonly string _prefix = prefix ?? throw new ArgumentNullException(nameof(prefix));

    /// <inheritdoc/>
    public async Task AddAsync(IReadOnlyDictionary<string, ReadOnlyMemory<byte>> tokens, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        foreach (var (token, content) in tokens)
        {
            // Between a refused write and the reading, somebody may have deleted the token.
            while (!await _state.CompareAndSetAsync(KeyOf(token), content, null, cancellationToken).ConfigureAwait(false))
            {
                if (await _state.GetAsync(KeyOf(token), cancellationToken).ConfigureAwait(false) is not { } entry) continue;
                if (!entry.Value.Span.SequenceEqual(content.Span)) throw Conflict(token);
                break;
            }
        }
    }

    /// <inheritdoc/>
    public async Task<ReadOnlyMemory<byte>?> FindAsync(string token, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(token);
        return (await _state.GetAsync(KeyOf(token), cancellationToken).ConfigureAwait(false))?.Value;
    }

    internal static EntityConflictException Conflict(string token)
        => new("PII token", token, $"The token {token} is kept already with other content. It was made with another key or changed since; use one key for one store.");

    private string KeyOf(string token) => _prefix + token.Trim('[', ']');
}
