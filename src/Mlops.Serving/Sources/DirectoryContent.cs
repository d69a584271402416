using Mlops.Models;

namespace Mlops.Serving;

/// <summary>The files of a model directory that somebody else may change at any time.</summary>
internal sealed class DirectoryContent(string path, bool allowMissingManifest) : IModelContent
{
    public string Address => path;

    public string Place => path;

    public string Damaged => "is not complete yet, or it is damaged";

    public bool MaySettle => true;

    public bool AllowMissingManifest => allowMissingManifest;

    public async Task WriteAsync(string target, CancellationToken cancellationToken)
    {
        Check(path, allowMissingManifest);
        try
        {
            // All files come from where the link leads now, though it may be switched meanwhile.
            var source = new DirectoryInfo(path).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? path;
            foreach (var file in ModelDirectoryFiles.Enumerate(source))
            {
                var copy = Path.Combine(target, Path.GetRelativePath(source, file.FullName));
                Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
                await CopyAsync(file.FullName, copy, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new ModelLoadException(path, $"{path} could not be copied: {error.Message}", error) { IsTransient = true };
        }
    }

    /// <summary>Tells what is wrong with a path that cannot be a model directory now.</summary>
    public static void Check(string path, bool allowMissingManifest)
    {
        if (File.Exists(path))
            throw new ModelLoadException(path, $"{path} is a file. Name the directory that holds '{ModelFiles.MLmodel}' and '{ModelFiles.Manifest}'.") { IsTransient = true };
        if (!Directory.Exists(path))
            throw new ModelLoadException(path, $"There is no directory {path}. Save the model there, or name another one.") { IsTransient = true };
        if (!File.Exists(Path.Combine(path, ModelFiles.MLmodel)))
            throw new ModelLoadException(path, $"{path} is not a model directory: it has no file '{ModelFiles.MLmodel}'. Save a model there with {nameof(ModelDirectory)}.{nameof(ModelDirectory.SaveAsync)}, or name another directory.") { IsTransient = true };
        if (!allowMissingManifest && !File.Exists(Path.Combine(path, ModelFiles.Manifest)))
        {
            throw new ModelLoadException(
                path,
                $"{path} has no file '{ModelFiles.Manifest}', so nothing says whether it is complete and unchanged. Save the model again; or, if another program such as MLflow wrote it and you trust it, set {nameof(DirectorySourceOptions)}.{nameof(DirectorySourceOptions.AllowMissingManifest)}.") { IsTransient = true };
        }
    }

    private static async Task CopyAsync(string from, string to, CancellationToken cancellationToken)
    {
        var source = new FileStream(from, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1, FileOptions.Asynchronous | FileOptions.SequentialScan);
        await using (source.ConfigureAwait(false))
        {
            var target = File.Create(to);
            await using (target.ConfigureAwait(false))
            {
                await source.CopyToAsync(target, cancellationToken).ConfigureAwait(false);
            }
        }
    }
}
