using System.Globalization;
using System.Text;
using Mlops.Artifacts;

namespace Mlops.Data;

/// <summary>Since when files have been without use, as collections found them: a text with a line of time, digest and path for each.</summary>
internal sealed class UnusedSince(IArtifactStore artifacts)
{
    private const string Path = "datasets/unused";
    private const string Form = "mlops-unused 1";

    private readonly Dictionary<(string Path, string Digest), DateTimeOffset> _times = [];

    /// <summary>Reads what the last collection noted; nothing when it cannot be read, and then all files begin anew.</summary>
    public async Task ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            var stream = await artifacts.OpenReadAsync(Path, 0, null, cancellationToken).ConfigureAwait(false);
            await using (stream.ConfigureAwait(false))
            {
                using var reader = new StreamReader(stream, Encoding.UTF8);
                if (await reader.ReadLineAsync(cancellationToken).ConfigureAwait(false) != Form) return;
                while (await reader.ReadLineAsync(cancellationToken).ConfigureAwait(false) is { } line)
                {
                    var parts = line.Split(' ', 3);
                    if (parts.Length == 3 && long.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds) && milliseconds < 1L << 47)
                        _times[(parts[2], parts[1])] = DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);
                }
            }
        }
        catch (EntityNotFoundException)
        {
            // The first collection.
        }
        catch (StorageException)
        {
            _times.Clear();
        }
    }

    public DateTimeOffset Get(Artifact file, DateTimeOffset now) => _times.TryGetValue((file.Path, file.Digest), out var since) && since < now ? since : now;

    public async Task WriteAsync(IReadOnlyList<(Artifact File, DateTimeOffset Since)> files, CancellationToken cancellationToken)
    {
        if (_times.Count == 0 && files.Count == 0) return;
        var text = new StringBuilder(Form).Append('\n');
        foreach (var (file, since) in files)
            text.Append(CultureInfo.InvariantCulture, $"{since.ToUnixTimeMilliseconds()} {file.Digest} {file.Path}\n");
        using var content = new MemoryStream(Encoding.UTF8.GetBytes(text.ToString()), writable: false);
        await artifacts.WriteAsync(Path, content, default, cancellationToken).ConfigureAwait(false);
    }
}
