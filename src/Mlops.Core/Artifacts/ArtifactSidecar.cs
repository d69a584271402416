using System.Globalization;

namespace Mlops.Artifacts;

/// <summary>What a local store notes about a file: five lines of text: format, write, length, digest, path.</summary>
/// <param name="WriteId">Identifies the write, so that a rewrite of the same content is told apart.</param>
/// <param name="Artifact">The file.</param>
internal sealed record ArtifactSidecar(string WriteId, Artifact Artifact)
{
    private const string Format = "mlops-artifact 1";

    public static ArtifactSidecar? TryParse(string text, string path)
    {
        var lines = text.Split('\n');
        if (lines.Length < 5 || lines[0] != Format || lines[4] != path || lines[3].Length != 64) return null;
        return long.TryParse(lines[2], NumberStyles.None, CultureInfo.InvariantCulture, out var length)
            ? new ArtifactSidecar(lines[1], new Artifact(path, lines[3], length))
            : null;
    }

    public override string ToString()
        => string.Create(CultureInfo.InvariantCulture, $"{Format}\n{WriteId}\n{Artifact.Length}\n{Artifact.Digest}\n{Artifact.Path}\n");
}
