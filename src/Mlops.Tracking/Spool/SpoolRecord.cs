using System.Globalization;

namespace Mlops.Tracking;

/// <summary>One thing that waits to be delivered: a batch of metrics, or changes of a run.</summary>
/// <param name="RunId">The run.</param>
/// <param name="Batch">The metrics, with the number that they are known by; <see langword="null"/> for changes.</param>
/// <param name="Changes">The changes; <see langword="null"/> for metrics.</param>
internal sealed record SpoolRecord(string RunId, MetricBatch? Batch, RunChanges? Changes)
{
    private const char LeftBehind = '#';

    /// <summary>Gets how many entries it has.</summary>
    public int EntryCount => Batch?.Metrics.Length ?? Changes!.Count();

    public static SpoolRecord Of(MetricBatch batch) => new(batch.RunId, batch, null);

    public static SpoolRecord Of(string runId, RunChanges changes) => new(runId, null, changes);

    /// <summary>Makes a record that may be delivered after later ones: a store knows of each writer only the highest batch, so a batch that is left behind becomes a writer of its own.</summary>
    /// <remarks>The same record always becomes the same one, so it is delivered once even when it was kept twice.</remarks>
    public SpoolRecord LeaveBehind()
        => Batch is { Sequence: var sequence, WriterId: var writer } && !writer.Contains(LeftBehind) ? this with { Batch = Batch with { WriterId = string.Create(CultureInfo.InvariantCulture, $"{writer}{LeftBehind}{sequence}") } } : this;

    /// <summary>Divides changes that are larger than a record should be; what ends the run comes last.</summary>
    /// <param name="length">About how many bytes a part may have.</param>
    public IEnumerable<SpoolRecord> Split(int length)
        => Changes is { } changes && changes.CountBytes() > length && changes.Halve() is { } parts ? Of(RunId, parts.First).Split(length).Concat(Of(RunId, parts.Second).Split(length)) : [this];
}
