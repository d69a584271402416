using System.Globalization;

namespace Mlops.Tracking;

/// <summary>One thing that waits to be delivered: a batch of metrics, or changes of a run.</summary>
/// <param name="RunId">The run.</param>
/// <param name="Batch">The metrics, with the number that they are known by; <see langword="null"/> for changes.</param>
/// <param name="Changes">The changes; <see langword="null"/> for metrics.</param>
internal sealed record SpoolRecord(string RunId, MetricBatch? Batch, RunChanges? Changes)
{
    private const char LeftBehind = '#';

    /// <summary>Gets the handle that logged it; <see langword="null"/> where that is not known.</summary>
    public string? Holder => Batch?.WriterId ?? Changes!.Holder;

    /// <summary>Gets how many entries it has.</summary>
    public int EntryCount => Batch?.Metrics.Length ?? Changes!.Count();

    /// <summary>Makes a record of metrics, in no handle's name: they were measured while the run was its handle's, and are added to it whoever has resumed it when they arrive.</summary>
    public static SpoolRecord Of(MetricBatch batch) => new(batch.RunId, batch with { Holder = null }, null);

    public static SpoolRecord Of(string runId, RunChanges changes) => new(runId, null, changes);

    /// <summary>Makes a record that may be delivered after later ones: a store knows of each writer only the highest number, so what is left behind becomes a writer of its own.</summary>
    /// <remarks>The same record always becomes the same one, so it is delivered once even when it was kept twice. Whoever has it delivered after all means the run as it is then, so it is in no handle's name any more, but for an end.</remarks>
    public SpoolRecord LeaveBehind() => this switch
    {
        { Batch: { } batch } when !batch.WriterId.Contains(LeftBehind) => this with { Batch = batch with { WriterId = Name(batch.WriterId, batch.Sequence) } },
        { Changes.Origin: { } origin } when !origin.WriterId.Contains(LeftBehind) => this with
        {
            Changes = Changes with { Origin = origin with { WriterId = Name(origin.WriterId, origin.Sequence) }, Holder = Changes.End is null ? null : Changes.Holder },
        },
        _ => this,
    };

    /// <summary>Divides changes that are larger than a record should be; what ends the run comes last.</summary>
    /// <param name="length">About how many bytes a part may have.</param>
    public IEnumerable<SpoolRecord> Split(int length)
        => Changes is { } changes && changes.CountBytes() > length && changes.Halve() is var (first, second) ? Of(RunId, first).Split(length).Concat(Of(RunId, second).Split(length)) : [this];

    /// <summary>Tells whether changes were left behind once.</summary>
    public static bool IsLeftBehind(ChangeOrigin origin) => origin.WriterId.Contains(LeftBehind);

    private static string Name(string writer, long sequence) => string.Create(CultureInfo.InvariantCulture, $"{writer}{LeftBehind}{sequence}");
}
