using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Mlops.Data;
using Mlops.Profiles;

namespace Mlops.Monitoring;

/// <summary>How data differ from a reference, chunk by chunk: one drift report for each.</summary>
/// <remarks>
/// The data are read once, whatever their size; every chunk becomes a profile, and profiles are compared (<see cref="DriftReport"/>). Each chunk gets its significance from a <see cref="FalseAlarmBudget"/> or an
/// <see cref="AlphaSpending"/>, so that the whole series keeps to it. Two series are equal when their points and what they were compared with are.
/// </remarks>
/// <param name="Reference">What chunks were compared with, in words.</param>
/// <param name="Chunking">How the data were cut, in words.</param>
/// <param name="Points">The chunks that were compared, in their order.</param>
/// <param name="LeftOutRows">The number of current rows that belong to no chunk: without a time, or too few for a whole chunk.</param>
/// <param name="SpendingState">How far the spending of significance has come, for a series that continues this one.</param>
/// <example><code>
/// var series = await DriftSeries.CreateAsync(training, live, new DriftSeriesOptions { Chunking = Chunking.ByTime(ChunkPeriod.Week), Budget = FalseAlarmBudget.PerYear(1) });
/// foreach (var point in series.Points.Where(point => point.Report.HasDrift)) logger.LogWarning("{Point}", point);
/// </code></example>
public sealed record DriftSeries(string Reference, string Chunking, IReadOnlyList<DriftSeriesPoint> Points, long LeftOutRows, AlphaSpendingState SpendingState)
{
    /// <summary>Gets whether any chunk drifted.</summary>
    [JsonIgnore]
    public bool HasDrift => Points.Any(point => point.Report.HasDrift);

    /// <summary>Gets the number of chunks that drifted.</summary>
    public int DriftedCount => Points.Count(point => point.Report.HasDrift);

    /// <summary>Compares data, chunk by chunk, with reference data.</summary>
    /// <param name="reference">The data to compare with, such as the training data.</param>
    /// <param name="current">The data that came in; columns that the reference lacks are left out.</param>
    /// <param name="options">How; the defaults when <see langword="null"/>.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <returns>The series.</returns>
    /// <exception cref="ArgumentException">Options contradict each other, or the data have no chunk that is to be the reference.</exception>
    public static async Task<DriftSeries> CreateAsync(IDataset reference, IDataset current, DriftSeriesOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(reference);
        ArgumentNullException.ThrowIfNull(current);
        options = (options ?? new DriftSeriesOptions()).Validate();
        if (options.ReferenceChunks is not { } limits)
            return await CreateAsync(await DatasetProfile.CreateAsync(reference, options.Profile, cancellationToken).ConfigureAwait(false), current, options, cancellationToken).ConfigureAwait(false);
        RequireWhole(options);
        var chunks = (await (limits.Chunking ?? options.Chunking).ProfileAsync(reference, options.Profile, cancellationToken).ConfigureAwait(false)).Chunks;
        if (chunks.Count == 0) throw new ArgumentException($"The reference '{reference.Name}' has no chunk to take limits from.", nameof(reference));
        var whole = ChunkedProfiles.Merge(chunks);
        var cut = await options.Chunking.ProfileAsync(current, options.Profile, cancellationToken).ConfigureAwait(false);
        // Effects are compared from chunk to chunk, so all chunks get the tests that suit them together.
        var together = new ProfileSource(whole, cut.Chunks.Count == 0 ? whole : ChunkedProfiles.Merge(cut.Chunks));
        var report = options.Report.WithTests(new DriftReportBuilder(together, options.Report, cancellationToken).ChooseTests());
        return Compare(whole, new ChunkLimits(chunks, limits.Rule, report), cut, options, report);
    }

    /// <summary>Compares data, chunk by chunk, with a profile.</summary>
    /// <param name="reference">The profile to compare with, as of the training data.</param>
    /// <param name="current">The data that came in; columns that the reference lacks are left out.</param>
    /// <param name="options">How; the defaults when <see langword="null"/>. Limits from reference chunks need the reference data themselves.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <returns>The series.</returns>
    /// <exception cref="ArgumentException">Options contradict each other, or the data have no chunk that is to be the reference.</exception>
    public static async Task<DriftSeries> CreateAsync(DatasetProfile reference, IDataset current, DriftSeriesOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(reference);
        ArgumentNullException.ThrowIfNull(current);
        options = (options ?? new DriftSeriesOptions()).Validate();
        if (options.ReferenceChunks is not null)
            throw new ArgumentException("Limits from reference chunks need the reference data: a profile of the whole does not tell how its parts differ. Give the dataset.", nameof(options));
        return Compare(reference, null, await options.Chunking.ProfileAsync(current, options.Profile, cancellationToken).ConfigureAwait(false), options, options.Report);
    }

    /// <summary>Writes the series as JSON.</summary>
    /// <returns>UTF-8 JSON.</returns>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, DriftJson.Default.DriftSeries);

    /// <summary>Reads a series from JSON.</summary>
    /// <param name="json">UTF-8 JSON that <see cref="ToJson"/> wrote.</param>
    /// <returns>The series.</returns>
    /// <exception cref="JsonException">The JSON is not a series; where it is none, <see cref="JsonException.Path"/> and the message say.</exception>
    public static DriftSeries FromJson(ReadOnlySpan<byte> json) => DriftDocument.Read(json, DriftJson.Default.DriftSeries, "drift series", DriftDocument.FindFlaw);

    /// <summary>Writes the series as one HTML file that needs nothing else: line charts of the effects with their limits, and a table of the chunks.</summary>
    /// <remarks>At most 1 MB: the charts are of the last 1,000 chunks and of the columns that drifted most often, the table of the last 200 chunks.</remarks>
    /// <param name="stream">Where to write; it is left open.</param>
    /// <param name="cancellationToken">Cancels the writing.</param>
    /// <returns>A task that completes when it is written.</returns>
    public Task WriteHtmlAsync(Stream stream, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(stream);
        return DriftSeriesHtml.Create(this).WriteAsync(stream, cancellationToken);
    }

    /// <inheritdoc/>
    public bool Equals(DriftSeries? other)
        => other is not null && (Reference, Chunking, LeftOutRows) == (other.Reference, other.Chunking, other.LeftOutRows) && SpendingState == other.SpendingState && Points.SequenceEqual(other.Points);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Reference, Chunking, LeftOutRows, SpendingState, Points.Count);

    /// <summary>Describes the series in one line, in the invariant culture.</summary>
    /// <returns>The description.</returns>
    public override string ToString()
    {
        if (Points.Count == 0) return "nothing could be tested: there is no chunk to compare";
        var untested = Points.Count(point => !point.Report.HasTested);
        var columns = Points.Where(point => point.Report.HasTested).SelectMany(point => point.Report.GetUntested()).Distinct(StringComparer.Ordinal).ToArray();
        var partly = columns.Length == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"; {columns.Length} {(columns.Length == 1 ? "column" : "columns")} could not be tested in some of them{DriftReport.List(columns)}");
        return string.Create(CultureInfo.InvariantCulture, $"{DriftedCount} of {Points.Count} chunks drifted, compared with {Reference}{(untested == 0 ? "" : $"; {untested} could not be tested")}{partly}");
    }

    private static DriftSeries Compare(DatasetProfile reference, ChunkLimits? limits, ChunkedProfiles current, DriftSeriesOptions options, DriftReportOptions reportOptions)
    {
        var spending = options.GetSpending();
        var state = options.SpendingState;
        var points = new List<DriftSeriesPoint>();
        var chunks = current.Chunks;
        if (options.Reference.FixedChunk is { } index)
        {
            if (index >= chunks.Count) throw new ArgumentException($"Chunk {index} is to be the reference; the data have {chunks.Count} chunks, the first of which is number 0.", nameof(options));
            reference = chunks[index].Profile;
        }

        for (var i = 0; i < chunks.Count; i++)
        {
            if (i == options.Reference.FixedChunk) continue;
            var compared = options.Reference.Window is { } window && i >= window ? ChunkedProfiles.Merge(chunks.Skip(i - window).Take(window)) : reference;
            var significance = spending.GetSignificance(state);
            var report = DriftReport.Create(compared, chunks[i].Profile, reportOptions.WithSignificance(significance));
            if (limits is not null) report = limits.Decide(report, significance);
            state = state.Next(report.HasDrift);
            // Distributions of every column in every chunk would be far more than the rest.
            points.Add(new DriftSeriesPoint(chunks[i].Chunk, significance, report with { Findings = [.. report.Findings.Select(finding => finding with { Distributions = null })] }));
        }

        return new DriftSeries(options.Reference.ToString(), options.Chunking.ToString(), points, current.LeftOutRows, state);
    }

    private static void RequireWhole(DriftSeriesOptions options)
    {
        if (options.Reference.Window is not null || options.Reference.FixedChunk is not null)
            throw new ArgumentException($"Limits from reference chunks are for chunks that are compared with the whole reference; here they are compared with {options.Reference}.", nameof(options));
    }
}
