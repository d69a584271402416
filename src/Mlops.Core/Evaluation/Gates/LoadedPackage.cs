using Mlops.Models;

namespace Mlops.Evaluation;

/// <summary>A saved candidate that was loaded as a host would load it. Disposing releases predictor and model.</summary>
internal sealed class LoadedPackage : IAsyncDisposable
{
    private readonly IModel _model;

    private LoadedPackage(ModelDirectory directory, IModel model)
    {
        _model = model;
        Directory = directory;
        Predictor = model.CreatePredictor();
    }

    public ModelDirectory Directory { get; }

    public ModelSignature Signature => _model.Signature;

    public IPredictor Predictor { get; }

    /// <summary>Opens the directory, verifies every file, and loads the model.</summary>
    /// <exception cref="ModelLoadException">There is no such model, it was changed, it is another one than the digest says, or no flavor can load it.</exception>
    public static async Task<LoadedPackage> LoadAsync(CandidatePackage package, CancellationToken cancellationToken)
    {
        var directory = await ModelDirectory.OpenAsync(package.Path, cancellationToken).ConfigureAwait(false);
        if (package.Digest is not null && directory.Digest != package.Digest)
            throw new ModelLoadException(package.Path, $"The model in {package.Path} has the digest {directory.Digest}, not {package.Digest}. Save and register what was judged.");
        foreach (var (name, _) in directory.Flavors)
        {
            if (package.Flavors.FirstOrDefault(flavor => flavor.Name == name) is not { } flavor) continue;
            var model = await flavor.LoadAsync(directory, cancellationToken).ConfigureAwait(false);
            try
            {
                return new LoadedPackage(directory, model);
            }
            catch
            {
                await DisposeAsync(model).ConfigureAwait(false);
                throw;
            }
        }

        throw new ModelLoadException(
            package.Path,
            $"The model in {package.Path} can be loaded as {Names(directory.Flavors.Select(flavor => flavor.Key))}; the flavors given are {Names(package.Flavors.Select(flavor => flavor.Name))}. Give those of the host that will serve it.");
    }

    public async ValueTask DisposeAsync()
    {
        await Predictor.DisposeAsync().ConfigureAwait(false);
        await DisposeAsync(_model).ConfigureAwait(false);
    }

    private static async ValueTask DisposeAsync(IModel model)
    {
        if (model is IAsyncDisposable asynchronous) await asynchronous.DisposeAsync().ConfigureAwait(false);
        else (model as IDisposable)?.Dispose();
    }

    private static string Names(IEnumerable<string> names) => names.Select(name => $"'{name}'").ToArray() is { Length: > 0 } quoted ? string.Join(", ", quoted) : "none";
}
