using System.Globalization;
using Mlops.Tracking;

namespace Mlops.Data;

/// <summary>Finds and changes things in the document of a dataset.</summary>
internal static class CatalogLookup
{
    /// <summary>The number of names that a message lists.</summary>
    public const int Shown = 20;

    public static DatasetEntry Describe(string name, DatasetDocument document) => new(name, document.Versions.LastOrDefault()?.Version, document.CreatedAt ?? default)
    {
        Description = document.Description,
        Owner = document.Owner,
        Tags = document.Tags,
        Aliases = document.Aliases,
    };

    public static DatasetDocument Check(string name, DatasetDocument document)
        => document.Next > 1 ? document : throw new EntityNotFoundException("dataset", name, $"There is no dataset '{name}'; register its first version.");

    public static VersionDocument Find(DatasetDocument document, DatasetAddress address)
    {
        if (address.Version is { } number) return FindVersion(address.Name!, document, number);
        if (address.Alias is null)
            return document.Versions.LastOrDefault() ?? throw new EntityNotFoundException("dataset version", address.Name!, $"All versions of '{address.Name}' were deleted; register another one.");
        if (document.Aliases.TryGetValue(address.Alias, out var version)) return FindVersion(address.Name!, document, version);
        throw new EntityNotFoundException(
            "dataset alias", address.ToString(), $"'{address.Name}' has no alias '{address.Alias}'. {List("Its aliases are", [.. document.Aliases.Keys.Order(StringComparer.Ordinal)])}");
    }

    public static DatasetDocument SetAlias(string name, DatasetDocument document, string alias, int? version, AliasCondition condition)
    {
        int? present = document.Aliases.TryGetValue(alias, out var number) ? number : null;
        if (condition.IsChecked && present != condition.Expected)
        {
            throw new EntityConflictException(
                "dataset alias",
                $"{name}@{alias}",
                string.Create(CultureInfo.InvariantCulture, $"The alias '{alias}' of '{name}' {Say(present)}, and it was expected that it {Say(condition.Expected)}; read it again and decide anew."));
        }

        if (version is { } target) FindVersion(name, document, target);
        var aliases = new Dictionary<string, int>(document.Aliases, StringComparer.Ordinal);
        if (version is { } set) aliases[alias] = set;
        else aliases.Remove(alias);
        return document with { Aliases = aliases };
    }

    public static DatasetDocument Delete(string name, DatasetDocument document, int version)
    {
        var found = FindVersion(name, document, version);
        string[] aliases = [.. document.Aliases.Where(alias => alias.Value == version).Select(alias => alias.Key).Order(StringComparer.Ordinal)];
        var address = found.ToVersion(name).Address;
        if (aliases.Length > 0)
            throw new EntityConflictException("dataset version", address, $"'{address}' cannot be deleted, because {List("these aliases point to it", aliases)} Move or remove them first.");
        return document with { Versions = [.. document.Versions.Where(candidate => candidate.Version != version)] };
    }

    /// <summary>Adds a version unless there is one of the same rows and schema.</summary>
    /// <returns>The changed document, and the version that holds the rows.</returns>
    public static (DatasetDocument Document, VersionDocument Version) Add(DatasetDocument document, VersionDocument made, DatasetRegistration registration)
    {
        var tags = new Dictionary<string, string>(document.Tags, StringComparer.Ordinal);
        foreach (var (tag, value) in registration.Tags) tags[tag] = value;
        document = document with { Description = registration.Description ?? document.Description, Owner = registration.Owner ?? document.Owner, Tags = tags };
        if (!registration.AlwaysNew && FindSame(document, made) is { } same) return (document, same);
        var version = made with { Version = document.Next };
        return (document with { Versions = [.. document.Versions, version], Next = document.Next + 1, CreatedAt = document.CreatedAt ?? made.CreatedAt }, version);
    }

    public static VersionDocument? FindSame(DatasetDocument document, VersionDocument made)
        => Array.FindLast(document.Versions, version => version.Fingerprint == made.Fingerprint && version.Schema == made.Schema);

    public static DatasetVersion? Latest(DatasetVersion? found, string name, DatasetDocument document, string fingerprint)
    {
        var candidate = Array.FindLast(document.Versions, version => version.Fingerprint == fingerprint)?.ToVersion(name);
        return found is null || candidate?.CreatedAt > found.CreatedAt ? candidate ?? found : found;
    }

    /// <summary>Lists names for a message, not too many of them.</summary>
    public static string List(string beginning, IReadOnlyList<string> names)
        => names.Count == 0 ? "There are none yet." : $"{beginning}: {string.Join(", ", names.Take(Shown))}{(names.Count > Shown ? " and more" : "")}.";

    private static VersionDocument FindVersion(string name, DatasetDocument document, int number)
    {
        if (document.Find(number) is { } version) return version;
        var numbers = document.Versions.Reverse().Select(candidate => candidate.Version.ToString(CultureInfo.InvariantCulture));
        throw new EntityNotFoundException(
            "dataset version",
            string.Create(CultureInfo.InvariantCulture, $"{name}@{number}"),
            string.Create(CultureInfo.InvariantCulture, $"'{name}' has no version {number}. {List("Its versions are", [.. numbers.Take(Shown + 1)])}"));
    }

    private static string Say(int? version) => version is { } number ? string.Create(CultureInfo.InvariantCulture, $"points to version {number}") : "does not exist";
}
