using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Mlops.Evaluation;
using Mlops.Profiles;
using YamlDotNet.Core;

namespace Mlops.Models;

/// <summary>What a model is on disk: MLflow's <c>MLmodel</c> layout, plus training profile, validation report, golden rows and a manifest of digests.</summary>
/// <remarks>Immutable: a directory is written once and opened as often as wanted. Safe for concurrent use.</remarks>
public sealed class ModelDirectory
{
    private readonly MLmodelDocument _document;

    private ModelDirectory(string path, MLmodelDocument document, string digest)
    {
        Path = path;
        _document = document;
        Digest = digest;
    }

    /// <summary>Gets the directory.</summary>
    public string Path { get; }

    /// <summary>Gets the name of the registered model that the directory was fetched for; <see langword="null"/> when it was opened without one.</summary>
    /// <remarks>A flavor may treat models differently by it.</remarks>
    public string? Name { get; private init; }

    /// <summary>Gets the SHA-256 digest of the manifest, 64 lower-case hexadecimal digits; it identifies the model. Empty when the directory has no manifest.</summary>
    public string Digest { get; }

    /// <summary>Gets the inputs and outputs; <see langword="null"/> when the directory does not say.</summary>
    public ModelSignature? Signature => _document.Signature;

    /// <summary>Gets the run that trained the model; <see langword="null"/> when the directory does not say.</summary>
    public string? RunId => _document.RunId;

    /// <summary>Gets the flavors, the preferred one first, each with what its loader needs.</summary>
    public IReadOnlyList<KeyValuePair<string, IReadOnlyDictionary<string, object?>>> Flavors => _document.Flavors;

    /// <summary>Saves a model. The directory appears when it is complete: until then it is written under another name beside it.</summary>
    /// <param name="path">The directory, which is created and must be absent or empty.</param>
    /// <param name="model">The model.</param>
    /// <param name="options">What the directory is given besides the model.</param>
    /// <param name="cancellationToken">Cancels the saving; nothing is left then.</param>
    /// <returns>The directory.</returns>
    /// <exception cref="EntityConflictException">The directory is not empty, or something else has its name.</exception>
    public static async Task<ModelDirectory> SaveAsync(string path, IModel model, ModelSaveOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(model);
        options ??= new ModelSaveOptions();
        path = FullPath(path);
        if (IsTaken(path)) throw Taken(path, null);
        var parent = System.IO.Path.GetDirectoryName(path)!; // A root is never empty.
        var temporary = System.IO.Path.Combine(parent, $".{System.IO.Path.GetFileName(path)}.{Ids.Create(options.TimeProvider)}");
        Directory.CreateDirectory(temporary);
        try
        {
            var (document, digest) = await WriteAsync(temporary, model, options, cancellationToken).ConfigureAwait(false);
            MoveIntoPlace(temporary, path);
            return new ModelDirectory(path, document, digest);
        }
        finally
        {
            if (Directory.Exists(temporary)) Directory.Delete(temporary, recursive: true);
        }
    }

    /// <summary>Opens a directory that <see cref="SaveAsync"/> wrote and verifies every file against its manifest.</summary>
    /// <param name="path">The directory.</param>
    /// <param name="cancellationToken">Cancels the opening.</param>
    /// <returns>The directory.</returns>
    /// <exception cref="ModelLoadException">There is no model or no manifest, or a file is missing, added or changed.</exception>
    public static Task<ModelDirectory> OpenAsync(string path, CancellationToken cancellationToken = default) => OpenAsync(path, new ModelOpenOptions(), cancellationToken);

    /// <summary>Opens a directory and verifies every file against its manifest.</summary>
    /// <param name="path">The directory, saved here or, with <see cref="ModelOpenOptions.AllowMissingManifest"/>, by MLflow.</param>
    /// <param name="options">How it is opened.</param>
    /// <param name="cancellationToken">Cancels the opening.</param>
    /// <returns>The directory.</returns>
    /// <exception cref="ModelLoadException">There is no model or no manifest, or a file is missing, added or changed.</exception>
    public static async Task<ModelDirectory> OpenAsync(string path, ModelOpenOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(options);
        path = FullPath(path);
        var documentPath = System.IO.Path.Combine(path, ModelFiles.MLmodel);
        if (!File.Exists(documentPath))
            throw new ModelLoadException(path, $"{path} is not a model directory: it has no file '{ModelFiles.MLmodel}'. Save a model there with {nameof(SaveAsync)}, or name another directory.");

        // In a new process both take about equally long.
        var verifying = Task.Run(() => Verify(path, options, cancellationToken), cancellationToken);
        var reading = Task.Run(() => ReadDocument(path, documentPath), cancellationToken);
        await Task.WhenAll(verifying, reading).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

        // Where both fail, the files that are not what was saved are the reason.
        var digest = await verifying.ConfigureAwait(false);
        return new ModelDirectory(path, await reading.ConfigureAwait(false), digest);
    }

    /// <summary>Finds what a directory plainly lacks of what its manifest lists: a file, or a part of one. It compares names and lengths, and reads no file but the manifest, so that it can be asked often.</summary>
    /// <param name="path">The directory.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <returns>What is missing: <c>'model.onnx' has 10 bytes, the manifest says 20</c>; <see langword="null"/> where nothing is, or there is no manifest that could tell. Only <see cref="OpenAsync(string, CancellationToken)"/> verifies the content.</returns>
    public static async Task<string?> FindMissingAsync(string path, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        path = FullPath(path);
        try
        {
            var manifest = System.IO.Path.Combine(path, ModelFiles.Manifest);
            return File.Exists(manifest) ? ModelManifest.FromJson(await File.ReadAllBytesAsync(manifest, cancellationToken).ConfigureAwait(false)).FindIncompleteFile(path) : null;
        }
        catch (Exception error) when (error is JsonException or FileNotFoundException or DirectoryNotFoundException)
        {
            return null; // Gone, or not written to its end.
        }
    }

    /// <summary>Gives a directory that another program wrote the manifest it lacks, so that from now on it can be verified and has a digest.</summary>
    /// <param name="path">The directory. One that has a manifest is left as it is.</param>
    /// <param name="cancellationToken">Cancels the writing; no manifest is left then.</param>
    /// <returns>A task that completes when the manifest is written.</returns>
    /// <exception cref="ModelLoadException">There is no model.</exception>
    public static async Task WriteManifestAsync(string path, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        path = FullPath(path);
        if (!File.Exists(System.IO.Path.Combine(path, ModelFiles.MLmodel)))
            throw new ModelLoadException(path, $"{path} is not a model directory: it has no file '{ModelFiles.MLmodel}'.");
        var manifest = System.IO.Path.Combine(path, ModelFiles.Manifest);
        if (File.Exists(manifest)) return;
        var json = await CreateManifestAsync(path, cancellationToken).ConfigureAwait(false);
        try
        {
            await File.WriteAllBytesAsync(manifest, json, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            File.Delete(manifest);
            throw;
        }
    }

    /// <summary>Gives the same directory the name of the registered model that it was fetched for.</summary>
    /// <param name="name">The name.</param>
    /// <returns>The directory with the name.</returns>
    public ModelDirectory WithName(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return new ModelDirectory(Path, _document, Digest) { Name = name };
    }

    /// <summary>Finds what a flavor's loader needs.</summary>
    /// <param name="flavor">The flavor.</param>
    /// <returns>The settings, or <see langword="null"/> when the model does not have the flavor.</returns>
    public IReadOnlyDictionary<string, object?>? FindFlavor(string flavor)
        => _document.Flavors.FirstOrDefault(pair => pair.Key == flavor).Value;

    /// <summary>Reads a file of the model.</summary>
    /// <param name="path">The path within the directory, with <c>/</c>.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <returns>The content.</returns>
    /// <exception cref="ModelLoadException">There is no such file.</exception>
    public async Task<byte[]> ReadFileAsync(string path, CancellationToken cancellationToken = default)
        => await FindFileAsync(path, cancellationToken).ConfigureAwait(false)
            ?? throw new ModelLoadException(Path, $"The model in {Path} has no file '{path}'. Save the model again.");

    /// <summary>Reads the profile of the training data.</summary>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <returns>The profile, or <see langword="null"/> when none was saved.</returns>
    /// <exception cref="ModelLoadException">The file does not hold a profile.</exception>
    public async Task<DatasetProfile?> ReadProfileAsync(CancellationToken cancellationToken = default)
        => await FindFileAsync(ModelFiles.Profile, cancellationToken).ConfigureAwait(false) is { } json
            ? Read(ModelFiles.Profile, json, static json => DatasetProfile.FromJson(json))
            : null;

    /// <summary>Reads the rows with the outputs they must give.</summary>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <returns>The rows, or <see langword="null"/> when none were saved.</returns>
    /// <exception cref="ModelLoadException">The file does not hold such rows.</exception>
    public async Task<GoldenRows?> ReadGoldenRowsAsync(CancellationToken cancellationToken = default)
        => await FindFileAsync(ModelFiles.GoldenRows, cancellationToken).ConfigureAwait(false) is { } json
            ? Read(ModelFiles.GoldenRows, json, static json => GoldenRows.FromJson(json))
            : null;

    /// <summary>Reads the report of the validation that the model has passed.</summary>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <returns>The report, or <see langword="null"/> when none was saved.</returns>
    /// <exception cref="ModelLoadException">The file does not hold a report.</exception>
    public async Task<ModelValidationReport?> ReadValidationReportAsync(CancellationToken cancellationToken = default)
        => await FindFileAsync(ModelFiles.ValidationReport, cancellationToken).ConfigureAwait(false) is { } json
            ? Read(ModelFiles.ValidationReport, json, static json => ModelValidationReport.FromJson(json))
            : null;

    private T Read<T>(string file, byte[] json, Func<byte[], T> read)
    {
        try
        {
            return read(json);
        }
        catch (Exception error) when (error is JsonException or FormatException)
        {
            throw new ModelLoadException(Path, $"'{file}' of the model in {Path} cannot be read: {error.Message} Save the model again.", error);
        }
    }

    private async Task<byte[]?> FindFileAsync(string path, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var file = ModelDirectoryWriter.Resolve(Path, path);
        return File.Exists(file) ? await File.ReadAllBytesAsync(file, cancellationToken).ConfigureAwait(false) : null;
    }

    private static async Task<(MLmodelDocument Document, string Digest)> WriteAsync(string directory, IModel model, ModelSaveOptions options, CancellationToken cancellationToken)
    {
        var writer = new ModelDirectoryWriter(directory);
        await model.SaveAsync(writer, cancellationToken).ConfigureAwait(false);
        if (options.Profile is not null)
            await writer.WriteFileAsync(ModelFiles.Profile, options.Profile.ToJson(), cancellationToken).ConfigureAwait(false);
        if (options.ValidationReport is not null)
            await writer.WriteFileAsync(ModelFiles.ValidationReport, options.ValidationReport.ToJson(), cancellationToken).ConfigureAwait(false);
        if (options.GoldenRows is not null)
            await writer.WriteFileAsync(ModelFiles.GoldenRows, options.GoldenRows.ToJson(), cancellationToken).ConfigureAwait(false);

        var document = new MLmodelDocument
        {
            Flavors = writer.Flavors,
            Signature = model.Signature,
            RunId = options.RunId,
            Uuid = Ids.Create(options.TimeProvider),
            CreatedAt = options.TimeProvider.GetUtcNow(),
        };
        await writer.WriteFileAsync(ModelFiles.MLmodel, document.ToYaml(), cancellationToken).ConfigureAwait(false);
        var json = await CreateManifestAsync(directory, cancellationToken).ConfigureAwait(false);
        await writer.WriteFileAsync(ModelFiles.Manifest, json, cancellationToken).ConfigureAwait(false);
        return (document, DigestOf(json));
    }

    /// <summary>Digests the files of a directory, away from the caller's thread: they may be large.</summary>
    private static Task<byte[]> CreateManifestAsync(string directory, CancellationToken cancellationToken)
        => Task.Run(() => ModelManifest.Create(directory, cancellationToken).ToJson(), cancellationToken);

    private static void MoveIntoPlace(string temporary, string path)
    {
        try
        {
            // A rename does not replace a directory, not even an empty one; one that is no longer empty is not deleted either.
            if (Directory.Exists(path)) Directory.Delete(path);
            Directory.Move(temporary, path);
        }
        catch (IOException error) when (IsTaken(path))
        {
            throw Taken(path, error);
        }
    }

    private static bool IsTaken(string path) => File.Exists(path) || (Directory.Exists(path) && Directory.EnumerateFileSystemEntries(path).Any());

    private static EntityConflictException Taken(string path, Exception? cause)
        => new("model directory", path, $"{path} is not an empty directory; a model is saved into a directory of its own.", cause);

    private static string Verify(string path, ModelOpenOptions options, CancellationToken cancellationToken)
    {
        var manifestPath = System.IO.Path.Combine(path, ModelFiles.Manifest);
        if (!File.Exists(manifestPath))
        {
            if (options.AllowMissingManifest) return "";
            throw new ModelLoadException(
                path,
                $"{path} has no file '{ModelFiles.Manifest}', so nothing says whether it is complete and unchanged. Save the model again; or, if another program such as MLflow wrote it and you trust it, open it with {nameof(ModelOpenOptions)}.{nameof(ModelOpenOptions.AllowMissingManifest)}.");
        }

        var json = File.ReadAllBytes(manifestPath);
        try
        {
            return ModelManifest.FromJson(json).FindDifference(path, cancellationToken) is { } difference
                ? throw new ModelLoadException(path, $"The model in {path} is not what was saved: {difference}. Restore it from its source, or register it again.")
                : DigestOf(json);
        }
        catch (JsonException error)
        {
            throw new ModelLoadException(path, $"{manifestPath} cannot be read: {error.Message} Save the model again.", error);
        }
    }

    private static MLmodelDocument ReadDocument(string path, string documentPath)
    {
        try
        {
            return MLmodelDocument.FromYaml(File.ReadAllText(documentPath));
        }
        catch (Exception error) when (error is YamlException or JsonException or FormatException or ArgumentException or InvalidOperationException)
        {
            // Argument: a signature that is none. InvalidOperation: JSON of another form than a signature's.
            var place = error is YamlException yaml ? string.Create(CultureInfo.InvariantCulture, $", line {yaml.Start.Line},") : "";
            throw new ModelLoadException(path, $"{documentPath}{place} cannot be read: {error.Message} Save the model again.", error);
        }
    }

    private static string FullPath(string path) => System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(path));

    private static string DigestOf(ReadOnlySpan<byte> manifest) => Convert.ToHexStringLower(SHA256.HashData(manifest));
}
