namespace Mlops.Tracking;

/// <summary>Masks what is logged and cuts it where that is wanted, in a time that does not depend on how much too long it is.</summary>
/// <param name="mask">Masks secrets.</param>
/// <param name="truncates">Whether what is too long is cut rather than refused.</param>
internal sealed class ValuePreparation(SecretMask mask, bool truncates)
{
    // Secrets that begin before the cut are known as such by what follows.
    private const int Margin = 16 << 10;

    /// <summary>Prepares a value.</summary>
    /// <param name="kind">What has it: a param, a tag.</param>
    /// <param name="name">Its name.</param>
    /// <param name="value">The value.</param>
    /// <param name="limit">How long it may be.</param>
    /// <returns>The value to store; one that is too long, and is to be refused, as it is.</returns>
    public string Prepare(string kind, string name, string value, int limit)
    {
        TrackingLimits.CheckName(kind, name);
        TrackingLimits.CheckPresent(kind, name, value);
        // What is too long only because of the masks is not the caller's mistake.
        if (value.Length > limit && !truncates && name != RunTags.Error) return value;
        return Cut(mask.MaskValue(name, Shorten(value, limit)), limit);
    }

    /// <summary>Prepares the name of a run.</summary>
    public string PrepareName(string name, int limit)
        => name.Length > limit && !truncates ? name : Cut(mask.MaskText(Shorten(name, limit)), limit);

    /// <summary>Prepares tags.</summary>
    public Dictionary<string, string> Prepare(IReadOnlyDictionary<string, string> tags, int limit)
        => tags.ToDictionary(tag => tag.Key, tag => Prepare("tag", tag.Key, tag.Value, limit), StringComparer.Ordinal);

    // Between words, so that no part of a secret is left that is too short to be known as one.
    private static string Shorten(string text, int limit)
    {
        if (text.Length <= limit + Margin) return text;
        var space = text.LastIndexOf(' ', limit + Margin - 1, Margin);
        return space > 0 ? text[..space] : Cut(text, limit + Margin);
    }

    private static string Cut(string text, int limit)
        => text.Length <= limit ? text : text[..(char.IsHighSurrogate(text[limit - 1]) ? limit - 1 : limit)];
}
