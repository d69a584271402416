using Mlops.Data;

namespace Mlops.Tracking;

/// <summary>Masks what is stored in collections.</summary>
internal static class SecretMaskExtensions
{
    public static Dictionary<string, string> MaskTags(this SecretMask mask, IReadOnlyDictionary<string, string> tags)
    {
        var masked = new Dictionary<string, string>(tags.Count, StringComparer.Ordinal);
        foreach (var (name, value) in tags) masked[name] = mask.MaskValue(name, value);
        return masked;
    }

    public static IReadOnlyList<KeyValuePair<string, string>> MaskPairs(this SecretMask mask, IReadOnlyList<KeyValuePair<string, string>> pairs)
        => [.. pairs.Select(pair => KeyValuePair.Create(pair.Key, mask.MaskValue(pair.Key, pair.Value)))];

    public static IReadOnlyList<DatasetInput> MaskInputs(this SecretMask mask, IReadOnlyList<DatasetInput> inputs)
        => [.. inputs.Select(input => input with { Dataset = mask.MaskDataset(input.Dataset), Context = mask.MaskText(input.Context) })];

    public static DatasetReference MaskDataset(this SecretMask mask, DatasetReference dataset)
        => dataset with { Name = mask.CheckName("a dataset", dataset.Name), Source = dataset.Source is { } source ? mask.MaskText(source) : null };

    /// <summary>Checks that a name, by which something is known and found again, holds no secret: masked it would be another one's name.</summary>
    /// <returns>The name.</returns>
    /// <exception cref="ArgumentException">It holds one.</exception>
    public static string CheckName(this SecretMask mask, string of, string name)
    {
        if (mask.MaskText(name) == name) return name;
        // Without the name: what is in it is not to be told.
        throw new ArgumentException(
            $"The name of {of} holds what looks like a password, a token or another secret, and names are stored as they are. Give it a name without that; where it is no secret, see {nameof(TrackerOptions)}.{nameof(TrackerOptions.Secrets)}.", nameof(name));
    }
}
