using System.IO.Compression;
using Mlops.Models;

namespace Mlops.Serving;

/// <summary>The files of a model directory in a zip archive, which is not trusted: no file leads out of the target, and the sizes are counted while they are written.</summary>
internal sealed class ArchiveContent(string address, Func<CancellationToken, Task<Stream>> open, ArchiveSourceOptions options) : IModelContent
{
    private const int UnixTypeMask = 0xF000;
    private const int UnixLink = 0xA000;

    public string Address => address;

    public string Place => "the archive";

    public string Damaged => "is damaged";

    public bool MaySettle => false;

    public bool AllowMissingManifest => options.AllowMissingManifest;

    public async Task WriteAsync(string target, CancellationToken cancellationToken)
    {
        // Within the target, so that it goes with it when the process dies; no entry can take its place.
        var archive = Path.Combine(target, ".archive.zip");
        try
        {
            await DownloadAsync(archive, cancellationToken).ConfigureAwait(false);
            await UnpackAsync(archive, target, cancellationToken).ConfigureAwait(false);
        }
        catch (InvalidDataException error)
        {
            throw Bad($"is no zip archive, or it is damaged: {error.Message.TrimEnd('.')}", error);
        }
        finally
        {
            File.Delete(archive);
        }
    }

    private async Task DownloadAsync(string archive, CancellationToken cancellationToken)
    {
        try
        {
            var source = await open(cancellationToken).ConfigureAwait(false);
            await using (source.ConfigureAwait(false))
            {
                var target = File.Create(archive);
                await using (target.ConfigureAwait(false))
                {
                    await CopyAsync(source, target, options.MaxBytes, cancellationToken).ConfigureAwait(false);
                }
            }
        }
        catch (Exception error) when (error is not (ModelLoadException or InvalidOperationException) && !error.IsCancellation(cancellationToken))
        {
            throw new ModelLoadException(address, $"{address} could not be read: {error.Message}", error) { IsTransient = true };
        }
    }

    private async Task UnpackAsync(string archive, string target, CancellationToken cancellationToken)
    {
        using var zip = ZipFile.OpenRead(archive);
        if (zip.Entries.Count > options.MaxFiles)
            throw Bad($"holds more than {options.MaxFiles} files. Raise {nameof(ArchiveSourceOptions)}.{nameof(ArchiveSourceOptions.MaxFiles)} if that is right");
        var folder = FindFolder(zip);
        var left = options.MaxBytes;
        foreach (var entry in zip.Entries)
        {
            var name = entry.FullName.Replace('\\', '/');
            if (((entry.ExternalAttributes >> 16) & UnixTypeMask) == UnixLink) throw Bad($"holds the link '{name}'; a model directory has none");
            if (name.EndsWith('/')) continue;
            var file = Path.GetFullPath(Path.Combine(target, name.StartsWith(folder, StringComparison.Ordinal) ? name[folder.Length..] : name));
            if (!file.StartsWith(target + Path.DirectorySeparatorChar, StringComparison.Ordinal)) throw Bad($"holds '{name}', which leads out of its folder");
            if (File.Exists(file)) throw Bad($"holds '{name}' twice");
            try
            {
                Directory.CreateDirectory(Path.GetDirectoryName(file)!);
                left -= await ExtractAsync(entry, file, left, cancellationToken).ConfigureAwait(false);
            }
            catch (IOException error)
            {
                throw Bad($"holds '{name}', which cannot be written: {error.Message.TrimEnd('.')}", error);
            }
        }
    }

    /// <summary>Finds the one folder that all files are in, as archives of a folder have it.</summary>
    private static string FindFolder(ZipArchive zip)
    {
        if (zip.GetEntry(ModelFiles.MLmodel) is not null) return "";
        var document = zip.Entries.FirstOrDefault(entry => entry.Name == ModelFiles.MLmodel && entry.FullName.Count(letter => letter == '/') == 1)?.FullName;
        return document?[..(document.Length - ModelFiles.MLmodel.Length)] ?? "";
    }

    private async Task<long> ExtractAsync(ZipArchiveEntry entry, string file, long most, CancellationToken cancellationToken)
    {
        var source = await entry.OpenAsync(cancellationToken).ConfigureAwait(false);
        await using (source.ConfigureAwait(false))
        {
            var target = File.Create(file);
            await using (target.ConfigureAwait(false))
            {
                return await CopyAsync(source, target, most, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async Task<long> CopyAsync(Stream source, Stream target, long most, CancellationToken cancellationToken)
    {
        var buffer = new byte[81920];
        long copied = 0;
        for (int count; (count = await source.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0;)
        {
            copied += count;
            if (copied > most)
                throw Bad($"is larger than {options.MaxBytes} bytes. Raise {nameof(ArchiveSourceOptions)}.{nameof(ArchiveSourceOptions.MaxBytes)} if that is right");
            await target.WriteAsync(buffer.AsMemory(0, count), cancellationToken).ConfigureAwait(false);
        }

        return copied;
    }

    private ModelLoadException Bad(string reason, Exception? cause = null) => new(address, $"{address} {reason}.", cause);
}
