using System.Buffers;
using System.Globalization;
using System.Text;

namespace Mlops.Tracking;

/// <summary>What names and values may be: MLflow's rules, so that whatever is logged here can be shown there.</summary>
internal static class TrackingLimits
{
    private const int ExperimentName = 500;
    private const int Name = 250;
    private const int ParamValue = 6000;
    private const int TagValue = 8000;
    private const int VersionTagValue = 100_000;
    private const int RunNameLength = 250;
    private static readonly SearchValues<char> s_hexadecimal = SearchValues.Create("0123456789abcdef");
    private static readonly SearchValues<char> s_plain = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-. :");

    public static string CheckExperiment(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (string.IsNullOrWhiteSpace(name) || name.Length > ExperimentName)
            throw new ArgumentException($"An experiment's name has 1 to {ExperimentName} characters, not only spaces; this one has {name.Length}.", nameof(name));
        return name;
    }

    public static string? CheckRunName(string? name)
    {
        if (name is { Length: > RunNameLength })
            throw new ArgumentException($"A run's name has at most {RunNameLength} characters; this one has {name.Length}.", nameof(name));
        return name;
    }

    public static void CheckParam(string name, string value)
    {
        CheckName("param", name);
        CheckValue("param", name, value, ParamValue);
    }

    public static void CheckTag(string name, string value)
    {
        CheckName("tag", name);
        CheckValue("tag", name, value, TagValue);
    }

    public static void CheckVersionTag(string name, string value)
    {
        CheckName("tag", name);
        CheckValue("tag", name, value, VersionTagValue);
    }

    public static void CheckMetric(string name) => CheckName("metric", name);

    public static void CheckTags(IReadOnlyDictionary<string, string> tags)
    {
        foreach (var (name, value) in tags) CheckTag(name, value);
    }

    public static void Check(RunChanges changes)
    {
        foreach (var param in changes.Params) CheckParam(param.Name, param.Value);
        foreach (var (name, value) in changes.Tags) CheckTag(name, value);
        foreach (var input in changes.Inputs) CheckInput(input.Dataset.Name, input.Context);
    }

    public static void CheckInput(string dataset, string context)
    {
        ArgumentException.ThrowIfNullOrEmpty(dataset);
        ArgumentException.ThrowIfNullOrEmpty(context);
        if (dataset.Length > 500) throw new ArgumentException($"A dataset's name has at most 500 characters; this one has {dataset.Length}.", nameof(dataset));
        if (context.Length > 500) throw new ArgumentException($"A dataset's context has at most 500 characters; this one has {context.Length}.", nameof(context));
    }

    public static string CheckDigest(string digest)
    {
        ArgumentNullException.ThrowIfNull(digest);
        if (!IsHexadecimal(digest, 64))
            throw new ArgumentException("The digest of a model version is the SHA-256 of its manifest: 64 lower-case hexadecimal digits.", nameof(digest));
        return digest;
    }

    public static bool IsHexadecimal(string text, int length) => text.Length == length && !text.AsSpan().ContainsAnyExcept(s_hexadecimal);

    private static void CheckName(string kind, string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (name.Length > Name)
            throw new ArgumentException($"The name of a {kind} has at most {Name} characters; this one has {name.Length}.", nameof(name));
        // The usual name is plain ASCII without a slash, and this is called for every measurement.
        if (!name.AsSpan().ContainsAnyExcept(s_plain) && name is not ("." or "..")) return;
        foreach (var rune in name.EnumerateRunes())
        {
            if (!IsAllowed(rune))
                throw new ArgumentException($"'{name}' cannot be the name of a {kind}: use letters, digits, '_', '-', '.', ' ', ':' and '/'.", nameof(name));
        }

        if (name.Split('/').Any(segment => segment is "" or "." or ".."))
            throw new ArgumentException($"'{name}' cannot be the name of a {kind}: between slashes there must be something other than '.' and '..'.", nameof(name));
    }

    private static bool IsAllowed(Rune rune) => rune.Value is '_' or '-' or '.' or ' ' or ':' or '/' || Rune.GetUnicodeCategory(rune)
        is UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter or UnicodeCategory.ModifierLetter
        or UnicodeCategory.OtherLetter or UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber;

    private static void CheckValue(string kind, string name, string value, int limit)
    {
        ArgumentNullException.ThrowIfNull(value);
        if (value.Length > limit)
            throw new ArgumentException($"The value of {kind} '{name}' has {value.Length} characters, at most {limit} are kept; store longer text as an artifact.", nameof(value));
    }
}
