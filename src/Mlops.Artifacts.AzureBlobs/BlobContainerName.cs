namespace Mlops.Artifacts.AzureBlobs;

/// <summary>The rules of the service for the names of containers, checked before anything is asked of it.</summary>
internal static class BlobContainerName
{
    /// <summary>Checks a name.</summary>
    /// <exception cref="ArgumentException">No container can have it.</exception>
    public static void Check(string container)
    {
        ArgumentNullException.ThrowIfNull(container);
        // The service's own.
        if (container is "$root" or "$web" or "$logs") return;
        var isAllowed = container.Length is >= 3 and <= 63 && container.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-')
            && container[0] != '-' && container[^1] != '-' && !container.Contains("--", StringComparison.Ordinal);
        if (!isAllowed)
        {
            throw new ArgumentException(
                $"'{container}' cannot be the name of a container of Azure Blob Storage: it has 3 to 63 lower-case letters, digits and single '-', and begins and ends with a letter or a digit.", nameof(container));
        }
    }
}
