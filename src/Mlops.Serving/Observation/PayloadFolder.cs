using System.Globalization;
using System.IO.Compression;
using System.Runtime.ExceptionServices;
using System.Security.Cryptography;
using System.Text;

namespace Mlops.Serving;

/// <summary>The files of payload logs in a folder: their names, and what becomes of them when they are ended. A file that is being written has a name of its own kind, and is locked.</summary>
internal sealed class PayloadFolder(string directory, PayloadLogOptions options, TimeProvider time)
{
    private const string Prefix = "payload-";
    private const string OpenSuffix = ".open";
    private const string GzipSuffix = ".gz";
    private const string TemporarySuffix = ".tmp";

    private readonly HashSet<string> _unfinished = new(StringComparer.Ordinal);
    private readonly bool _compresses = options.Compress;
    private readonly (int Files, long Bytes) _most = (options.MaxFiles, options.MaxTotalBytes);

    /// <summary>Makes the name of a new file, in the order of time; makes the folder too.</summary>
    /// <exception cref="IOException">The folder cannot be made.</exception>
    public string CreatePath(string? model, string extension)
    {
        Directory.CreateDirectory(directory);
        var id = Ids.CreateGuid(time).ToString("N")[^12..];
        return Path.Combine(directory, string.Create(CultureInfo.InvariantCulture, $"{Prefix}{NameOf(model)}-{time.GetUtcNow().UtcDateTime:yyyyMMdd'T'HHmmssfff'Z'}-{id}{extension}{OpenSuffix}"));
    }

    /// <summary>Makes the folder, and finds out whether files can be written there.</summary>
    /// <exception cref="IOException">They cannot.</exception>
    /// <exception cref="UnauthorizedAccessException">They must not.</exception>
    public void Probe()
    {
        Directory.CreateDirectory(directory);
        var path = Path.Combine(directory, $"{Prefix}{Ids.CreateGuid(time):N}{TemporarySuffix}");
        new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0, FileOptions.DeleteOnClose).Dispose();
    }

    /// <summary>Gives a file that was written to its end its name, compresses it where that is asked for, and deletes the oldest.</summary>
    /// <exception cref="IOException">Something of it failed; it is tried again with the next file.</exception>
    public void Finish(string path)
    {
        _unfinished.Add(path);
        FinishAll();
    }

    /// <summary>Does for the files of processes that were killed what they could not do: cuts off half a line, and finishes them.</summary>
    /// <exception cref="IOException">Something of it failed; what could not be finished is tried again with the next file.</exception>
    public void Recover()
    {
        if (!Directory.Exists(directory)) return;
        try
        {
            foreach (var path in Directory.GetFiles(directory, $"{Prefix}*{TemporarySuffix}"))
            {
                if (!IsNew(path)) TakeOver(path, static _ => false);
            }

            foreach (var path in Directory.GetFiles(directory, $"{Prefix}*{OpenSuffix}"))
            {
                if (!IsNew(path) && TakeOver(path, CutHalfLine)) TryClose(path);
            }

            _unfinished.UnionWith(Directory.GetFiles(directory, $"{Prefix}*").Where(IsPlain).Select(path => path + OpenSuffix));
        }
        finally
        {
            FinishAll();
        }
    }

    private void FinishAll()
    {
        Exception? failure = null;
        foreach (var ended in _unfinished.ToArray())
        {
            try
            {
                FinishOne(ended);
                _unfinished.Remove(ended);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                failure ??= error;
            }
        }

        // Above all where the disk is full.
        Retain();
        if (failure is not null) ExceptionDispatchInfo.Throw(failure);
    }

    private void FinishOne(string path)
    {
        if (new FileInfo(path) is { Exists: true } file)
        {
            if (file.Length == 0) file.Delete();
            else TryClose(path);
        }

        // By an earlier try it may have its name already.
        var closed = path[..^OpenSuffix.Length];
        if (!File.Exists(closed)) return;

        // Compressed in full, but not yet deleted.
        if (File.Exists(closed + GzipSuffix)) File.Delete(closed);
        while (_compresses && !TryCompress(closed))
        {
            // Once more.
        }
    }

    /// <summary>Makes of the name of a model one that every file system takes and no other model has.</summary>
    private static string NameOf(string? model)
    {
        const int Longest = 64;
        if (string.IsNullOrEmpty(model)) return "model";
        var name = string.Concat(model.Take(Longest).Select(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' ? c : '_'));
        return name == model ? name : $"{name}_{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(model)).AsSpan(0, 4))}";
    }

    private static bool IsPlain(string path) => path.EndsWith(".jsonl", StringComparison.Ordinal) || path.EndsWith(".csv", StringComparison.Ordinal);

    /// <summary>Whether a log may have just created a file, this one or another: who looks into it before it is locked keeps that log from locking it.</summary>
    private bool IsNew(string path) => new FileInfo(path) is { Exists: true, Length: 0 } file && file.LastWriteTimeUtc > time.GetUtcNow().UtcDateTime.AddDays(-1);

    /// <summary>Gives an ended file its name, unless another log of the folder was faster.</summary>
    private static void TryClose(string path)
    {
        try
        {
            File.Move(path, path[..^OpenSuffix.Length]);
        }
        catch (FileNotFoundException)
        {
            // It has its name.
        }
    }

    /// <summary>Opens a file that nobody writes any more.</summary>
    /// <param name="path">The file.</param>
    /// <param name="mend">Changes it, and tells whether it is kept.</param>
    /// <returns>Whether it is kept, and not another process's.</returns>
    private static bool TakeOver(string path, Func<FileStream, bool> mend)
    {
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            if (mend(stream)) return true;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false;
        }

        File.Delete(path);
        return false;
    }

    private static bool CutHalfLine(FileStream stream)
    {
        if (stream.Length == 0) return false;
        var isCsv = stream.Name.EndsWith($".csv{OpenSuffix}", StringComparison.Ordinal);
        var end = PayloadFormatter.Create(isCsv ? PayloadFormat.Csv : PayloadFormat.JsonLines).FindEndOfLines(stream);

        // To set the length that it has would make it the youngest, and others would be deleted before it.
        if (end < stream.Length) stream.SetLength(end);
        return end > 0;
    }

    /// <summary>Compresses an ended file, unless another log of the folder was faster, or has deleted it as the oldest.</summary>
    /// <returns>Whether it is done; not when another log has just tidied the copy away.</returns>
    private bool TryCompress(string path)
    {
        try
        {
            Compress(path);
            return true;
        }
        catch (FileNotFoundException)
        {
            return !File.Exists(path);
        }
    }

    private void Compress(string path)
    {
        // Under a name of its own: another log of the folder may be at the same file, or have been killed at it.
        var temporary = $"{path}{GzipSuffix}.{Ids.CreateGuid(time):N}{TemporarySuffix}";
        var target = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None);
        try
        {
            DateTime written;
            using (target) written = Compress(path, target);

            // By this time the oldest are found.
            File.SetLastWriteTimeUtc(temporary, written);
            File.Move(temporary, path + GzipSuffix, overwrite: true);
        }
        catch
        {
            // On a full disk, half a copy would take what the log needs.
            File.Delete(temporary);
            throw;
        }

        File.Delete(path);
    }

    /// <summary>Compresses a file.</summary>
    /// <returns>When it was written.</returns>
    private static DateTime Compress(string path, FileStream target)
    {
        using var source = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        using var gzip = new GZipStream(target, CompressionLevel.Fastest);
        source.CopyTo(gzip);
        return File.GetLastWriteTimeUtc(source.SafeFileHandle);
    }

    private void Retain()
    {
        var files = new DirectoryInfo(directory).GetFiles($"{Prefix}*")
            .Where(file => IsPlain(file.Name) || (file.Name.EndsWith(GzipSuffix, StringComparison.Ordinal) && IsPlain(file.Name[..^GzipSuffix.Length])))
            .OrderByDescending(file => file.LastWriteTimeUtc).ThenByDescending(file => file.Name, StringComparer.Ordinal);
        var (count, bytes) = (0, 0L);
        foreach (var file in files)
        {
            bytes += file.Length;
            if (++count > _most.Files || bytes > _most.Bytes) file.Delete();
        }
    }
}
