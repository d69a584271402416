using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Mlops.Artifacts;
using Mlops.Reports;

namespace Mlops.Tracking;

/// <summary>Conveniences over <see cref="Run"/>.</summary>
public static class RunExtensions
{
    private static readonly UTF8Encoding s_utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Logs a param that is true or false.</summary>
    /// <param name="run">The run.</param>
    /// <param name="name">The name, 1 to 250 characters.</param>
    /// <param name="value">The value, written as <c>true</c> or <c>false</c>.</param>
    public static void LogParam(this Run run, string name, bool value)
    {
        ArgumentNullException.ThrowIfNull(run);
        run.LogParam(name, value ? "true" : "false");
    }

    /// <summary>Logs several measurements of one moment.</summary>
    /// <param name="run">The run.</param>
    /// <param name="values">The values by name.</param>
    /// <param name="step">Where in the series they belong.</param>
    /// <param name="timestamp">When they were measured; now when <see langword="null"/>.</param>
    public static void LogMetrics(this Run run, IEnumerable<KeyValuePair<string, double>> values, long step = 0, DateTimeOffset? timestamp = null)
    {
        ArgumentNullException.ThrowIfNull(run);
        ArgumentNullException.ThrowIfNull(values);
        foreach (var (name, value) in values) run.LogMetric(name, value, step, timestamp);
    }

    /// <summary>Sets the free text that people read about the run, replacing the one before.</summary>
    /// <param name="run">The run.</param>
    /// <param name="text">The text, at most 8000 characters; Markdown is shown as such by MLflow.</param>
    public static void SetNote(this Run run, string text)
    {
        ArgumentNullException.ThrowIfNull(run);
        run.SetTag(RunTags.Note, text);
    }

    /// <summary>Stores a text with the run, as UTF-8.</summary>
    /// <param name="run">The run.</param>
    /// <param name="path">The path within the run, with <c>/</c>.</param>
    /// <param name="text">The text.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The file as it is in the artifact store.</returns>
    /// <exception cref="ArgumentException">The text holds half of a surrogate pair (invalid UTF-16), which UTF-8 cannot say.</exception>
    public static async Task<Artifact> LogTextAsync(this Run run, string path, string text, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(run);
        ArgumentNullException.ThrowIfNull(text);
        var content = new MemoryStream(Encode(text), writable: false);
        await using (content.ConfigureAwait(false)) return await run.LogArtifactAsync(path, content, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Stores a value with the run, as JSON.</summary>
    /// <typeparam name="T">The type of the value.</typeparam>
    /// <param name="run">The run.</param>
    /// <param name="path">The path within the run, with <c>/</c>: <c>confusion.json</c>.</param>
    /// <param name="value">The value.</param>
    /// <param name="type">How the type is written: a property of a source-generated <c>JsonSerializerContext</c>.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The file as it is in the artifact store.</returns>
    public static async Task<Artifact> LogJsonAsync<T>(this Run run, string path, T value, JsonTypeInfo<T> type, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(run);
        ArgumentNullException.ThrowIfNull(type);
        var content = new MemoryStream(JsonSerializer.SerializeToUtf8Bytes(value, type), writable: false);
        await using (content.ConfigureAwait(false)) return await run.LogArtifactAsync(path, content, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Stores a value with the run, as JSON that is made by looking at its type: a dictionary, an anonymous object, a record.</summary>
    /// <remarks>For programs that are trimmed or compiled ahead of time, give a <see cref="JsonTypeInfo{T}"/> instead.</remarks>
    /// <typeparam name="T">The type of the value.</typeparam>
    /// <param name="run">The run.</param>
    /// <param name="path">The path within the run, with <c>/</c>: <c>confusion.json</c>.</param>
    /// <param name="value">The value.</param>
    /// <param name="options">How it is written; those of <see cref="JsonSerializerOptions.Default"/> when <see langword="null"/>.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The file as it is in the artifact store.</returns>
    [RequiresUnreferencedCode("JSON is made by looking at the type of the value, whose members trimming may remove; give a JsonTypeInfo instead.")]
    [RequiresDynamicCode("JSON is made by looking at the type of the value, which may need code that is made at run time; give a JsonTypeInfo instead.")]
    public static async Task<Artifact> LogJsonAsync<T>(this Run run, string path, T value, JsonSerializerOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(run);
        var content = new MemoryStream(JsonSerializer.SerializeToUtf8Bytes(value, options), writable: false);
        await using (content.ConfigureAwait(false)) return await run.LogArtifactAsync(path, content, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Stores a chart with the run, as an SVG image that shows without anything else.</summary>
    /// <param name="run">The run.</param>
    /// <param name="path">The path within the run, with <c>/</c>: <c>plots/loss.svg</c>.</param>
    /// <param name="chart">The chart.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The file as it is in the artifact store.</returns>
    public static Task<Artifact> LogFigureAsync(this Run run, string path, Chart chart, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(chart);
        return run.LogTextAsync(path, chart.ToSvg(), cancellationToken);
    }

    /// <summary>Stores a file of this machine with the run.</summary>
    /// <param name="run">The run.</param>
    /// <param name="file">The file.</param>
    /// <param name="path">The path within the run, with <c>/</c>; the file's name when <see langword="null"/>.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The file as it is in the artifact store.</returns>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="ArgumentException">It is a folder, or, on Linux, a named pipe, a socket or a device.</exception>
    public static async Task<Artifact> LogFileAsync(this Run run, string file, string? path = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(run);
        ArgumentException.ThrowIfNullOrEmpty(file);
        if (Directory.Exists(file)) throw new ArgumentException($"'{file}' is a folder; log its files with {nameof(LogFolderAsync)}.", nameof(file));
        // Opening a pipe would wait, and could not be cancelled, until somebody writes to it.
        if (SpecialFile.KindOf(file) is { } kind) throw new ArgumentException($"'{file}' is {kind}, not a file; open it yourself and log what it gives with {nameof(Run.LogArtifactAsync)}.", nameof(file));
        var content = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read, 1, FileOptions.Asynchronous | FileOptions.SequentialScan);
        await using (content.ConfigureAwait(false)) return await run.LogArtifactAsync(path ?? Path.GetFileName(file), content, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Stores the files of a folder of this machine with the run, those of its sub-folders and hidden ones too.</summary>
    /// <remarks>
    /// A symbolic link to a file within the folder is stored as the file it points to. Links that lead out of the folder, to folders or nowhere are refused before anything is stored;
    /// so are named pipes, sockets and devices, on Linux.
    /// </remarks>
    /// <param name="run">The run.</param>
    /// <param name="folder">The folder; an empty one stores nothing.</param>
    /// <param name="path">The folder within the run, with <c>/</c>; the run's own when <see langword="null"/>.</param>
    /// <param name="cancellationToken">Cancels the operation; what was stored before stays.</param>
    /// <returns>The files as they are in the artifact store, by path.</returns>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="StorageException">A file could not be read or stored, or a symbolic link or what is no file is refused.</exception>
    public static async Task<IReadOnlyList<Artifact>> LogFolderAsync(this Run run, string folder, string? path = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(run);
        ArgumentException.ThrowIfNullOrEmpty(folder);
        var root = Path.GetFullPath(folder);
        if (!Directory.Exists(root)) throw new DirectoryNotFoundException(File.Exists(root) ? $"'{root}' is a file, not a folder; log it with {nameof(LogFileAsync)}." : $"There is no folder '{root}'.");
        using var source = new UploadFolder(root);
        var stored = new List<Artifact>();
        foreach (var relative in source.FindFiles())
        {
            var content = source.Open(relative);
            await using (content.ConfigureAwait(false))
                stored.Add(await run.LogArtifactAsync(path is null ? relative : $"{path}/{relative}", content, cancellationToken).ConfigureAwait(false));
        }

        return stored;
    }

    // Nothing is put silently in the place of what is no character.
    private static byte[] Encode(string text)
    {
        try
        {
            return s_utf8.GetBytes(text);
        }
        catch (EncoderFallbackException error)
        {
            throw new ArgumentException($"The text holds half of a surrogate pair (invalid UTF-16) at position {error.Index.ToString(CultureInfo.InvariantCulture)}, which UTF-8 cannot say; remove it.", nameof(text));
        }
    }
}
