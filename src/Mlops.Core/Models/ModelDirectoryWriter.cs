namespace Mlops.Models;

/// <summary>Writes the files of a model directory.</summary>
internal sealed class ModelDirectoryWriter(string directory) : IModelWriter
{
    private readonly List<KeyValuePair<string, IReadOnlyDictionary<string, object?>>> _flavors = [];

    public IReadOnlyList<KeyValuePair<string, IReadOnlyDictionary<string, object?>>> Flavors => _flavors;

    public static string Resolve(string directory, string path)
    {
        var full = Path.GetFullPath(Path.Combine(directory, path));
        return full.StartsWith(Path.TrimEndingDirectorySeparator(directory) + Path.DirectorySeparatorChar, StringComparison.Ordinal)
            ? full
            : throw new ArgumentException($"'{path}' leads out of the model directory.", nameof(path));
    }

    public async Task WriteFileAsync(string path, ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var file = Resolve(directory, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        await File.WriteAllBytesAsync(file, content, cancellationToken).ConfigureAwait(false);
    }

    public void AddFlavor(string name, IReadOnlyDictionary<string, object?> settings)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(settings);
        if (_flavors.Any(flavor => flavor.Key == name))
            throw new ArgumentException($"The flavor '{name}' was declared twice.", nameof(name));
        _flavors.Add(new(name, settings));
    }
}
