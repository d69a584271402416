using Mlops.Artifacts;

namespace Mlops.Tracking;

/// <summary>The checks that every registry makes.</summary>
internal static class RegistryRules
{
    /// <summary>What stands in the place of the source and the run of a deleted version.</summary>
    public const string Redacted = "REDACTED";

    private const int DescriptionLength = 5000;
    private const int SourceLength = 1000;
    private const int LineageLength = 500;
    private const int RequestKeyLength = 250;
    private const string PromptTag = "mlflow.prompt.is_prompt";

    public static void CheckNew(string name, NewModelVersion version)
    {
        ModelUri.CheckName(name);
        ArgumentNullException.ThrowIfNull(version);
        ArgumentException.ThrowIfNullOrEmpty(version.Source, nameof(version));
        CheckSource(version.Source);
        TrackingLimits.CheckDigest(version.Digest);
        CheckDescription(version.Description);
        if (version.RequestKey is { } key)
        {
            ArgumentException.ThrowIfNullOrEmpty(key, nameof(version));
            CheckText("The request key of a version", key, RequestKeyLength);
        }

        foreach (var part in new[] { version.Lineage.RunId, version.Lineage.DatasetDigest, version.Lineage.CodeVersion })
        {
            if (part is not null) CheckText("A part of the lineage of a version", part, LineageLength);
        }

        foreach (var (tag, value) in version.Tags) TrackingLimits.CheckVersionTag(tag, value);
    }

    public static void CheckNew(string name, string description, IReadOnlyDictionary<string, string>? tags)
    {
        ModelUri.CheckName(name);
        CheckDescription(description);
        foreach (var (tag, value) in tags ?? new Dictionary<string, string>()) TrackingLimits.CheckVersionTag(tag, value);
    }

    public static void Check(string name, RegisteredModelChanges changes)
    {
        ModelUri.CheckName(name);
        ArgumentNullException.ThrowIfNull(changes);
        if (changes.Name is not null) ModelUri.CheckName(changes.Name);
        if (changes.Description is not null) CheckDescription(changes.Description);
        CheckTags(changes.Tags, changes.RemovedTags);
    }

    public static void Check(string name, int version, ModelVersionChanges changes)
    {
        CheckVersion(name, version);
        ArgumentNullException.ThrowIfNull(changes);
        if (changes.Description is not null) CheckDescription(changes.Description);
        if (changes.Stage is { } stage && !Enum.IsDefined(stage)) throw new ArgumentException("Choose one of the stages of ModelStage.", nameof(changes));
        if (changes.ArchiveExisting && changes.Stage is not (ModelStage.Staging or ModelStage.Production))
            throw new ArgumentException("Other versions are archived only when this one becomes Staging or Production; set the stage, or leave ArchiveExisting away.", nameof(changes));
        CheckTags(changes.Tags, changes.RemovedTags);
    }

    public static void CheckVersion(string name, int version)
    {
        ModelUri.CheckName(name);
        ArgumentOutOfRangeException.ThrowIfLessThan(version, 1);
    }

    public static void CheckAlias(string name, string alias)
    {
        ModelUri.CheckName(name);
        ModelUri.CheckAlias(alias);
        if (alias.Equals(ModelUri.Latest, StringComparison.OrdinalIgnoreCase))
            throw new FormatException($"'{alias}' cannot be set: it always points to the highest version. Use another alias.");
    }

    /// <summary>Tells whether a search over models passes over prompts, which MLflow keeps among them, as it does unless the filter asks for their tag.</summary>
    public static bool HidesPrompts(SearchPlan plan) => !plan.Conditions.Any(condition =>
        condition.Field == new SearchField(SearchEntity.Tag, PromptTag) && condition.Operator == SearchOperator.Equal && condition.Value.Text == "true");

    public static bool IsPrompt(IReadOnlyDictionary<string, string> tags) => tags.TryGetValue(PromptTag, out var value) && value == "true";

    public static ModelVersion Describe(string name, int number, NewModelVersion version, DateTimeOffset now)
        => new(name, number, version.Source, version.Digest, now)
        {
            Lineage = version.Lineage,
            Description = version.Description,
            Tags = version.Tags.SortByName(),
        };

    /// <summary>Checks that a version whose key comes again is the one that is meant.</summary>
    public static ModelVersion CheckSame(ModelVersion present, NewModelVersion version)
        => present.Source == version.Source && present.Digest == version.Digest ? present : throw TrackingErrors.RequestKey(present.Name, present.Version);

    /// <summary>Gives tags as they are after changes.</summary>
    public static OrderedDictionary<string, string> Change(
        IReadOnlyDictionary<string, string> tags, IReadOnlyList<KeyValuePair<string, string>> set, IReadOnlyList<string> removed)
    {
        var changed = new Dictionary<string, string>(tags, StringComparer.Ordinal);
        foreach (var name in removed) changed.Remove(name);
        foreach (var (name, value) in set) changed[name] = value;
        return changed.SortByName();
    }

    // The source is not repeated: what is no address may be a secret.
    private static void CheckSource(string source)
    {
        const string Rule = "The source of a version is the folder of its model directory in the artifact store, a relative path with '/'";
        CheckText("The source of a version", source, SourceLength);
        if (source.StartsWith("runs:/", StringComparison.OrdinalIgnoreCase))
        {
            throw new ArgumentException(
                $"{Rule}; this one is the address of an artifact of a run. Register it with RegisterVersionAsync(name, RunUri.Parse(source), artifacts), or give RunUri.Parse(source).ArtifactPath.", nameof(source));
        }

        if (source.StartsWith("models:/", StringComparison.OrdinalIgnoreCase))
            throw new ArgumentException($"{Rule}; this one is the address of a registered model. Resolve it, and give the Source of the version that is found.", nameof(source));
        if (!ArtifactPath.IsAllowed(source.TrimEnd('/')) && !IsElsewhere(source))
            throw new ArgumentException($"{Rule}, or an address 'scheme://…' that a loader of your own reads; this one is neither, so it could never be loaded. Store the model directory in the artifact store and give its folder there.", nameof(source));
    }

    // MLflow refuses paths of the machine, and '..', likewise.
    private static bool IsElsewhere(string source)
    {
        var end = source.IndexOf("://", StringComparison.Ordinal);
        if (end < 2 || !char.IsAsciiLetter(source[0]) || !source[..end].All(c => char.IsAsciiLetterOrDigit(c) || c is '+' or '-' or '.')) return false;
        var rest = Uri.UnescapeDataString(source[(end + 3)..]);
        return rest.Length > 0 && !source.StartsWith("file:", StringComparison.OrdinalIgnoreCase) && !rest.Any(char.IsControl) && !rest.Split('/', '\\', '?', '#', '&', '=').Contains("..");
    }

    private static void CheckTags(IReadOnlyList<KeyValuePair<string, string>> set, IReadOnlyList<string> removed)
    {
        foreach (var (name, value) in set) TrackingLimits.CheckVersionTag(name, value);
        foreach (var name in removed) TrackingLimits.CheckVersionTag(name, "");
    }

    private static void CheckDescription(string description)
    {
        ArgumentNullException.ThrowIfNull(description);
        CheckText("A description", description, DescriptionLength);
    }

    private static void CheckText(string what, string text, int limit)
    {
        if (text.Length > limit) throw new ArgumentException($"{what} has at most {limit} characters; this one has {text.Length}.", nameof(text));
        TrackingLimits.CheckText(what, text, nameof(text));
    }
}
