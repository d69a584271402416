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
        => dataset with { Name = mask.MaskText(dataset.Name), Source = dataset.Source is { } source ? mask.MaskText(source) : null };
}
