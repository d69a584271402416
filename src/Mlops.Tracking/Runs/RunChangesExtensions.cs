using System.Globalization;

namespace Mlops.Tracking;

/// <summary>Counts and divides the changes of a run.</summary>
internal static class RunChangesExtensions
{
    // What an entry takes beside its characters, about.
    private const int EntryBytes = 64;

    private const int LongestWriter = 80;

    /// <summary>Counts the entries; the end is none.</summary>
    public static int Count(this RunChanges changes)
        => changes.Params.Count + changes.Tags.Count + changes.RemovedTags.Count + changes.Inputs.Count + (changes.Name is null ? 0 : 1);

    /// <summary>Gives about how many bytes the changes take, in memory as in a spool.</summary>
    public static long CountBytes(this RunChanges changes)
        => CountBytes(changes.Name) + changes.Params.Sum(param => CountBytes(param.Name, param.Value)) + changes.Tags.Sum(tag => CountBytes(tag.Key, tag.Value))
            + changes.RemovedTags.Sum(name => CountBytes(name)) + changes.Inputs.Sum(CountBytes);

    /// <summary>Gives about how many bytes an entry of two texts takes.</summary>
    public static long CountBytes(string? name, string value = "") => EntryBytes + (2L * ((name?.Length ?? 0) + value.Length));

    /// <summary>Gives about how many bytes a dataset takes.</summary>
    public static long CountBytes(DatasetInput input)
        => CountBytes(input.Dataset.Name, input.Dataset.Source ?? "") + CountBytes(input.Dataset.Digest, input.Context) + input.Dataset.Schema.Sum(column => CountBytes(column.Name));

    /// <summary>Divides changes in two, of which the first is to be made before the second; the end comes by itself, and last.</summary>
    /// <returns>The parts; <see langword="null"/> when there is nothing to divide. The second keeps the number of the whole, so that the whole is known as soon as its last part is; the first has
    /// one of its own, always the same.</returns>
    public static (RunChanges First, RunChanges Second)? Halve(this RunChanges changes)
        => changes.Divide() is var (first, second)
            ? (first with { Origin = changes.Origin?.Of(changes.Count() + (changes.End is null ? 0 : 1)), Holder = changes.Holder }, second with { Origin = changes.Origin, Holder = changes.Holder })
            : null;

    /// <summary>Gives what is known as a part of other changes an origin of its own.</summary>
    public static ChangeOrigin Of(this ChangeOrigin origin, int part)
        => new(string.Create(CultureInfo.InvariantCulture, $"{Shorten(origin.WriterId)}.{origin.Sequence}.{part}"), 1);

    private static (RunChanges First, RunChanges Second)? Divide(this RunChanges changes)
    {
        var count = changes.Count();
        if (changes.End is not null) return count == 0 ? null : (changes with { End = null }, new RunChanges { End = changes.End });
        if (count < 2) return null;
        if (changes.Name is not null) return (new RunChanges { Name = changes.Name }, changes with { Name = null });
        if (changes.Params.Count > 0 && changes.Params.Count < count) return (changes with { Params = [] }, new RunChanges { Params = changes.Params });
        if (changes.Inputs.Count > 0 && changes.Inputs.Count < count) return (changes with { Inputs = [] }, new RunChanges { Inputs = changes.Inputs });
        if (changes.RemovedTags.Count > 0 && changes.Tags.Count > 0) return (changes with { Tags = [] }, new RunChanges { Tags = changes.Tags });
        if (changes.Params.Count > 0) return (new RunChanges { Params = First(changes.Params) }, new RunChanges { Params = Second(changes.Params) });
        if (changes.Inputs.Count > 0) return (new RunChanges { Inputs = First(changes.Inputs) }, new RunChanges { Inputs = Second(changes.Inputs) });
        return changes.Tags.Count > 0
            ? (new RunChanges { Tags = First(changes.Tags) }, new RunChanges { Tags = Second(changes.Tags) })
            : (new RunChanges { RemovedTags = First(changes.RemovedTags) }, new RunChanges { RemovedTags = Second(changes.RemovedTags) });
    }

    // Parts of parts of parts would have names that grow for ever.
    private static string Shorten(string writer)
        => writer.Length <= LongestWriter ? writer : Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(writer)).AsSpan(0, 16));

    private static T[] First<T>(IReadOnlyList<T> list) => [.. list.Take(list.Count / 2)];

    private static T[] Second<T>(IReadOnlyList<T> list) => [.. list.Skip(list.Count / 2)];
}
