using Mlops.Models;
using Mlops.Tracking;

namespace Mlops.Serving;

/// <summary>A version of a model, loaded. Owns the model: disposing this disposes the model where it can be disposed.</summary>
/// <param name="version">The version.</param>
/// <param name="directory">The verified directory it was loaded from; <see langword="null"/> for a model that was made in memory.</param>
/// <param name="model">The model.</param>
public sealed class LoadedModel(ModelVersion version, ModelDirectory? directory, IModel model) : IAsyncDisposable
{
    private Action? _onDisposed;

    /// <summary>Gets the version.</summary>
    public ModelVersion Version { get; } = version ?? throw new ArgumentNullException(nameof(version));

    /// <summary>Gets the verified directory it was loaded from; its files may go away later, so read what is needed at once. <see langword="null"/> for a model that was made in memory.</summary>
    public ModelDirectory? Directory { get; } = directory;

    /// <summary>Gets the model.</summary>
    public IModel Model { get; } = model ?? throw new ArgumentNullException(nameof(model));

    /// <summary>Gets whether the model is disposed with this.</summary>
    internal bool IsOwned { get; init; } = true;

    /// <summary>Disposes the model where it can be disposed.</summary>
    /// <returns>A task that completes when the model is disposed.</returns>
    public async ValueTask DisposeAsync()
    {
        try
        {
            switch (IsOwned ? Model : null)
            {
                case IAsyncDisposable disposable:
                    await disposable.DisposeAsync().ConfigureAwait(false);
                    break;
                case IDisposable disposable:
                    disposable.Dispose();
                    break;
            }
        }
        finally
        {
            Interlocked.Exchange(ref _onDisposed, null)?.Invoke();
        }
    }

    /// <summary>Has something done once, when the model is disposed or could not be.</summary>
    internal void OnDisposed(Action callback) => _onDisposed = callback;
}
