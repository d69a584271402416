namespace Mlops.Tracking;

/// <summary>The address of a file or folder among the artifacts of a run: <c>runs:/0123456789abcdef0123456789abcdef/model</c>.</summary>
public sealed record RunUri
{
    private const string Scheme = "runs:/";

    private RunUri(string runId, string path) => (RunId, Path) = (runId, path);

    /// <summary>Gets the run.</summary>
    public string RunId { get; }

    /// <summary>Gets the path within the run, with <c>/</c>; empty for all its artifacts.</summary>
    public string Path { get; }

    /// <summary>Gets the path in the artifact store.</summary>
    public string ArtifactPath => Path.Length == 0 ? $"runs/{RunId}" : $"runs/{RunId}/{Path}";

    /// <summary>Makes the address of an artifact.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="path">The path within the run, with <c>/</c>; empty for all its artifacts.</param>
    /// <returns>The address.</returns>
    /// <exception cref="FormatException">The identifier or the path is not allowed.</exception>
    public static RunUri Of(string runId, string path = "")
    {
        ArgumentNullException.ThrowIfNull(runId);
        ArgumentNullException.ThrowIfNull(path);
        if (runId.Length is 0 or > 250 || !runId.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-'))
            throw new FormatException($"'{runId}' cannot be the identifier of a run: it has 1 to 250 ASCII letters, digits, '_' and '-', usually 32 hexadecimal digits.");
        if (path.Length > 0 && !Artifacts.ArtifactPath.IsAllowed(path))
            throw new FormatException($"'{path}' cannot be the path of an artifact: it is relative, with '/', without '.' and '..' segments, backslashes, colons and device names.");
        return new RunUri(runId, path);
    }

    /// <summary>Reads an address.</summary>
    /// <param name="text">The address.</param>
    /// <returns>The address.</returns>
    /// <exception cref="FormatException">The text is not the address of an artifact of a run.</exception>
    public static RunUri Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (!text.StartsWith(Scheme, StringComparison.Ordinal)) throw new FormatException($"'{text}' is not the address of an artifact of a run; write runs:/<run id>/<path>.");
        var rest = text[Scheme.Length..];
        var slash = rest.IndexOf('/', StringComparison.Ordinal);
        return slash < 0 ? Of(rest) : Of(rest[..slash], rest[(slash + 1)..]);
    }

    /// <summary>Writes the address.</summary>
    /// <returns>The address, which <see cref="Parse"/> reads back.</returns>
    public override string ToString() => Path.Length == 0 ? Scheme + RunId : $"{Scheme}{RunId}/{Path}";
}
