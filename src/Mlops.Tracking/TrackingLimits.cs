using System.Buffers;
using System.Globalization;
using System.Text;

namespace Mlops.Tracking;

/// <summary>What names and values may be: MLflow's rules, so that whatever is logged here can be shown there.</summary>
internal static class TrackingLimits
{
    public const int ExperimentName = 500;
    private const int Name = 250;
    public const int ParamValue = 6000;
    public const int TagValue = 8000;
    private const int ExperimentTagValue = 5000;
    private const int VersionTagValue = 100_000;
    public const int RunNameLength = 250;
    private const int UserLength = 256;
    private const int DatasetText = 500;
    private const int DatasetSource = 65_535;
    private const int WriterLength = 250;
    private static readonly SearchValues<char> s_hexadecimal = SearchValues.Create("0123456789abcdef");
    private static readonly SearchValues<char> s_plain = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-. :");

    private static readonly SearchValues<char> s_suspicious = SearchValues.Create(['\0', .. Enumerable.Range(0xD800, 0x800).Select(i => (char)i)]);

    public static string CheckExperiment(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (string.IsNullOrWhiteSpace(name) || name.Length > ExperimentName)
            throw new ArgumentException($"An experiment's name has 1 to {ExperimentName} characters, not only spaces; this one has {name.Length}.", nameof(name));
        CheckText("The name of an experiment", name, nameof(name));
        return name;
    }

    public static string? CheckRunName(string? name)
    {
        if (name is null) return null;
        CheckText("The name of a run", name, nameof(name));
        if (string.IsNullOrWhiteSpace(name) || name.Length > RunNameLength)
            throw new ArgumentException($"A run's name has 1 to {RunNameLength} characters, not only spaces; this one has {name.Length}. Leave it out for a name that is made.", nameof(name));
        return name;
    }

    /// <summary>Checks the name of a param, a metric or a tag.</summary>
    public static void CheckName(string kind, string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (name.Length == 0) throw new ArgumentException($"The name of a {kind} is empty; it has 1 to {Name} characters.", nameof(name));
        if (name.Length > Name)
            throw new ArgumentException($"The name of a {kind} has at most {Name} characters; this one has {name.Length}.", nameof(name));
        // The usual name is plain ASCII without a slash, and this is called for every measurement.
        if (!name.AsSpan().ContainsAnyExcept(s_plain) && name is not ("." or "..")) return;
        CheckText($"The name of a {kind}", name, nameof(name));
        foreach (var rune in name.EnumerateRunes())
        {
            if (!IsAllowed(rune))
                throw new ArgumentException($"'{name}' cannot be the name of a {kind}: use letters, digits, '_', '-', '.', ' ', ':' and '/'.", nameof(name));
        }

        if (name.Split('/').Any(segment => segment is "" or "." or ".."))
            throw new ArgumentException($"'{name}' cannot be the name of a {kind}: between slashes there must be something other than '.' and '..'.", nameof(name));
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

    /// <summary>Checks when something was measured: as MLflow, not before 1970.</summary>
    public static void CheckTimestamp(DateTimeOffset timestamp)
    {
        if (timestamp < DateTimeOffset.UnixEpoch)
            throw new ArgumentOutOfRangeException(nameof(timestamp), "A measurement has a time from 1970-01-01T00:00Z on; leave it out for the present time.");
    }

    public static void CheckTags(IReadOnlyDictionary<string, string> tags)
    {
        foreach (var (name, value) in tags) CheckTag(name, value);
    }

    public static void CheckExperimentTag(string name, string value)
    {
        CheckName("tag", name);
        CheckValue("tag", name, value, ExperimentTagValue);
    }

    public static void Check(ExperimentChanges changes)
    {
        ArgumentNullException.ThrowIfNull(changes);
        if (changes.Name is not null) CheckExperiment(changes.Name);
        foreach (var (name, value) in changes.Tags) CheckExperimentTag(name, value);
        foreach (var name in changes.RemovedTags) CheckName("tag", name);
    }

    public static void Check(RunChanges changes)
    {
        ArgumentNullException.ThrowIfNull(changes);
        CheckRunName(changes.Name);
        foreach (var param in changes.Params) CheckParam(param.Name, param.Value);
        foreach (var (name, value) in changes.Tags) CheckTag(name, value);
        foreach (var name in changes.RemovedTags) CheckName("tag", name);
        foreach (var input in changes.Inputs) CheckInput(input);
        if (changes.End is { } end) RunRules.CheckEnd(end.Status);
        Check(changes.Origin);
    }

    public static void CheckUser(string user)
    {
        ArgumentNullException.ThrowIfNull(user);
        CheckLength("The user of a run", user, UserLength);
    }

    public static void Check(ChangeOrigin? origin)
    {
        if (origin is null) return;
        CheckWriter(origin.WriterId);
        ArgumentOutOfRangeException.ThrowIfLessThan(origin.Sequence, 1, $"{nameof(origin)}.{nameof(origin.Sequence)}");
    }

    public static void CheckWriter(string writer)
    {
        ArgumentException.ThrowIfNullOrEmpty(writer);
        CheckLength("The writer of a batch", writer, WriterLength);
    }

    public static void CheckHolder(string holder)
    {
        ArgumentNullException.ThrowIfNull(holder);
        CheckLength("The holder of a run", holder, WriterLength);
    }

    public static void CheckInput(string dataset, string context)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        ArgumentNullException.ThrowIfNull(context);
        if (dataset.Length == 0) throw new ArgumentException("The name of a dataset is empty; give the dataset a name.", nameof(dataset));
        CheckLength("The name of a dataset", dataset, DatasetText);
        CheckLength("The context of a dataset", context, DatasetText);
    }

    /// <summary>Checks what is looked for: text that no store holds is a mistake.</summary>
    public static void CheckKey(string text, string parameter)
    {
        ArgumentException.ThrowIfNullOrEmpty(text, parameter);
        CheckText("The identifier or name", text, parameter);
    }

    /// <summary>Checks that text can be kept by every store: no U+0000 and no half of a surrogate pair.</summary>
    public static void CheckText(string what, string text, string parameter)
    {
        if (FindInvalid(text) is var position && position < 0) return;
        var problem = text[position] == '\0' ? "the character U+0000" : "half of a surrogate pair (invalid UTF-16)";
        throw new ArgumentException($"{what} holds {problem} at position {position.ToString(CultureInfo.InvariantCulture)}, which no store can keep; remove it.", parameter);
    }

    public static string CheckDigest(string digest)
    {
        ArgumentNullException.ThrowIfNull(digest);
        if (!IsHexadecimal(digest, 64))
            throw new ArgumentException("The digest of a model version is the SHA-256 of its manifest: 64 lower-case hexadecimal digits.", nameof(digest));
        return digest;
    }

    public static bool IsHexadecimal(string text, int length) => text.Length == length && !text.AsSpan().ContainsAnyExcept(s_hexadecimal);

    public static void CheckInput(DatasetInput input)
    {
        CheckInput(input.Dataset.Name, input.Context);
        ArgumentException.ThrowIfNullOrEmpty(input.Dataset.Digest, "dataset.Digest");
        CheckLength("The digest of a dataset", input.Dataset.Digest, DatasetText);
        if (input.Dataset.Source is { } source) CheckLength("The source of a dataset", source, DatasetSource);
    }

    /// <summary>Checks that there is a value, and names what lacks it.</summary>
    public static void CheckPresent(string kind, string name, string? value)
    {
        if (value is null) throw new ArgumentNullException(nameof(value), $"The {kind} '{(name.Length <= Name ? name : name[..Name])}' has no value (null); give a text, an empty one perhaps, or leave it away.");
    }

    private static void CheckLength(string what, string text, int limit)
    {
        if (text.Length > limit) throw new ArgumentException($"{what} has at most {limit} characters; this one has {text.Length}.");
        CheckText(what, text, nameof(text));
    }

    private static int FindInvalid(string text)
    {
        var rest = text.AsSpan();
        while (rest.IndexOfAny(s_suspicious) is var found and >= 0)
        {
            rest = rest[found..];
            if (rest.Length < 2 || !char.IsSurrogatePair(rest[0], rest[1])) return text.Length - rest.Length;
            rest = rest[2..];
        }

        return -1;
    }

    private static bool IsAllowed(Rune rune) => rune.Value is '_' or '-' or '.' or ' ' or ':' or '/' || Rune.GetUnicodeCategory(rune)
        is UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter or UnicodeCategory.ModifierLetter
        or UnicodeCategory.OtherLetter or UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber;

    private static void CheckValue(string kind, string name, string value, int limit)
    {
        CheckPresent(kind, name, value);
        if (value.Length > limit)
            throw new ArgumentException($"The value of {kind} '{name}' has {value.Length} characters, at most {limit} are kept; store longer text as an artifact.", nameof(value));
        if (FindInvalid(value) >= 0) CheckText($"The value of {kind} '{name}'", value, nameof(value));
    }
}
