using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;

namespace Mlops.Models;

/// <summary>The SHA-256 digests of the files of a model directory. Its own digest identifies the model.</summary>
/// <remarks>Its JSON is read and written by hand: compiling what a serializer needs would take longer than the rest of opening a directory in a new process.</remarks>
internal sealed record ModelManifest(ModelManifest.File[] Files)
{
    private const int BlockBytes = 1 << 17;

    /// <summary>Digests the files of a directory.</summary>
    public static ModelManifest Create(string directory, CancellationToken cancellationToken)
    {
        var paths = ModelDirectoryFiles.Enumerate(directory)
            .Select(file => Path.GetRelativePath(directory, file.FullName).Replace('\\', '/'))
            .Where(path => path is not (ModelFiles.Manifest or ModelFiles.Seal))
            .Order(StringComparer.Ordinal);
        var block = ArrayPool<byte>.Shared.Rent(BlockBytes);
        try
        {
            return new ModelManifest([.. paths.Select(path => Describe(directory, path, block, cancellationToken))]);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(block);
        }
    }

    /// <summary>Finds the first difference between the manifest and the directory.</summary>
    public string? FindDifference(string directory, CancellationToken cancellationToken)
    {
        var expected = Files.ToDictionary(file => file.Path, StringComparer.Ordinal);
        foreach (var file in Create(directory, cancellationToken).Files)
        {
            if (!expected.Remove(file.Path, out var listed)) return $"'{file.Path}' is not in the manifest";
            if (listed != file) return $"'{file.Path}' has the digest {file.Sha256}, the manifest says {listed.Sha256}";
        }

        return expected.Count > 0 ? $"'{expected.Keys.Order(StringComparer.Ordinal).First()}' is missing" : null;
    }

    /// <summary>Finds the first file that is not there in its full length, without reading any.</summary>
    public string? FindIncompleteFile(string directory)
    {
        foreach (var file in Files)
        {
            if (ModelDirectoryFiles.Find(Path.Combine(directory, file.Path)) is not { } found) return $"'{file.Path}' is missing";
            if (found.Length != file.Length) return string.Create(CultureInfo.InvariantCulture, $"'{file.Path}' has {found.Length} bytes, the manifest says {file.Length}");
        }

        return null;
    }

    public byte[] ToJson()
    {
        var json = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(json, new JsonWriterOptions { Indented = true }))
        {
            writer.WriteStartObject();
            writer.WriteStartArray("files"u8);
            foreach (var file in Files)
            {
                writer.WriteStartObject();
                writer.WriteString("path"u8, file.Path);
                writer.WriteString("sha256"u8, file.Sha256);
                writer.WriteNumber("length"u8, file.Length);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        return json.WrittenSpan.ToArray();
    }

    /// <summary>Reads a manifest.</summary>
    /// <exception cref="JsonException">It is none.</exception>
    public static ModelManifest FromJson(ReadOnlyMemory<byte> json)
    {
        using var document = JsonDocument.Parse(json);
        var files = new List<File>();
        var paths = new HashSet<string>(StringComparer.Ordinal);
        foreach (var item in Require(document.RootElement, "files", JsonValueKind.Array).EnumerateArray())
        {
            var file = new File(ReadText(item, "path"), ReadText(item, "sha256"), ReadLength(item));
            if (!paths.Add(file.Path)) throw new JsonException($"The manifest lists '{file.Path}' twice.");
            files.Add(file);
        }

        return new ModelManifest([.. files]);
    }

    private static string ReadText(JsonElement item, string name)
    {
        try
        {
            return Require(item, name, JsonValueKind.String).GetString()!;
        }
        catch (InvalidOperationException error)
        {
            throw new JsonException($"The manifest has a '{name}' that is no valid text.", error);
        }
    }

    private static long ReadLength(JsonElement item)
        => Require(item, "length", JsonValueKind.Number).TryGetInt64(out var length) ? length : throw new JsonException("The manifest has a 'length' that is no number of bytes.");

    private static JsonElement Require(JsonElement item, string name, JsonValueKind kind)
        => item.ValueKind == JsonValueKind.Object && item.TryGetProperty(name, out var value) && value.ValueKind == kind
            ? value
            : throw new JsonException($"The manifest has no '{name}' where one belongs, or it is no {kind.ToString().ToLowerInvariant()}.");

    private static File Describe(string directory, string path, byte[] block, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var file = System.IO.File.OpenHandle(Path.Combine(directory, path), options: FileOptions.SequentialScan);
        long length = 0;
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var read = RandomAccess.Read(file, block, length);
            if (read == 0) return new File(path, Convert.ToHexStringLower(hash.GetHashAndReset()), length);
            hash.AppendData(block, 0, read);
            length += read;
        }
    }

    internal sealed record File(string Path, string Sha256, long Length);
}
