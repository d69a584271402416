using Mlops.Data;

namespace Mlops.Monitoring;

/// <summary>Counts the false alarms of a configuration on data that did not drift: chunks drawn from the reference itself.</summary>
/// <remarks>
/// <para>Each repetition draws rows from the reference without replacement and compares them with the rows that are left, so that both come from the same distribution and share no row.
/// With rows drawn at random, alarms are by chance alone and must keep to the significance. With consecutive rows, in the order of the dataset, the count also shows what the reference's own changes over time
/// cost (days of the week, bursts, rows that depend on each other), which no p-value knows: if it is much higher, use larger chunks or limits from reference chunks (<see cref="ReferenceChunks"/>).</para>
/// <para>The reference is held in memory. Time O(rows · repetitions). Deterministic for a seed.</para>
/// </remarks>
/// <example><code>var result = await DriftRehearsal.RunAsync(training, options, rowsPerEvaluation: 1000);  // "9 of 200 reports on the reference itself alarmed (2.08 to 8.37 %)"</code></example>
public static class DriftRehearsal
{
    private const double ConfidenceLevel = 0.95;

    /// <summary>Runs reports on the reference itself.</summary>
    /// <param name="reference">The reference.</param>
    /// <param name="options">The options that are rehearsed; the defaults when <see langword="null"/>.</param>
    /// <param name="rowsPerEvaluation">The number of rows that an evaluation will have, ≥ 1; at most half of the reference's rows.</param>
    /// <param name="repetitions">The number of reports, ≥ 1.</param>
    /// <param name="isConsecutive">Whether each chunk is of consecutive rows; otherwise rows are drawn at random.</param>
    /// <param name="seed">The seed of the draws.</param>
    /// <param name="cancellationToken">Cancels the rehearsal.</param>
    /// <returns>The counts.</returns>
    /// <exception cref="ArgumentException">The reference has fewer than twice as many rows as an evaluation.</exception>
    public static async Task<DriftRehearsalResult> RunAsync(
        IDataset reference, DriftReportOptions? options, int rowsPerEvaluation, int repetitions = 200, bool isConsecutive = false, int seed = 0, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(reference);
        ArgumentOutOfRangeException.ThrowIfLessThan(rowsPerEvaluation, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(repetitions, 1);
        options ??= new DriftReportOptions();
        var batches = new List<DataBatch>();
        await foreach (var batch in reference.ReadAsync(null, cancellationToken).ConfigureAwait(false)) batches.Add(batch);
        var rows = batches.Sum(batch => (long)batch.RowCount);
        if (rows < 2L * rowsPerEvaluation)
            throw new ArgumentException($"The reference '{reference.Name}' has {rows} rows, and chunks of {rowsPerEvaluation} rows need at least twice as many. Rehearse smaller chunks.", nameof(rowsPerEvaluation));
        if (rows > Array.MaxLength) throw new ArgumentException($"The reference '{reference.Name}' has {rows} rows, more than a rehearsal takes. Rehearse a sample of it.", nameof(reference));
        var random = SplitMix64.FromSeed(seed);
        var isDrawn = new bool[rows];
        int alarms = 0, untested = 0;
        var columns = new SortedDictionary<string, int>(StringComparer.Ordinal);
        for (var repetition = 0; repetition < repetitions; repetition++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Draw(isDrawn, rowsPerEvaluation, isConsecutive, ref random);
            var (rest, chunk) = Divide(reference, batches, isDrawn);
            var report = await DriftReport.CreateAsync(rest, chunk, options, cancellationToken).ConfigureAwait(false);
            if (report.HasDrift) alarms++;
            if (!report.HasTested) untested++;
            foreach (var column in report.Findings.Where(finding => finding.Verdict == DriftVerdict.Drift).Select(finding => finding.Column).Distinct(StringComparer.Ordinal))
                columns[column] = columns.GetValueOrDefault(column) + 1;
        }

        return new DriftRehearsalResult(
            repetitions, alarms, untested, BinomialInterval.Get(alarms, repetitions, ConfidenceLevel),
            [.. columns.OrderByDescending(column => column.Value).ThenBy(column => column.Key, StringComparer.Ordinal).Select(column => new RehearsedColumn(column.Key, column.Value))]);
    }

    /// <summary>Marks the rows of a chunk.</summary>
    private static void Draw(bool[] isDrawn, int count, bool isConsecutive, ref SplitMix64 random)
    {
        Array.Clear(isDrawn);
        if (isConsecutive)
        {
            var first = (int)(random.NextDouble() * (isDrawn.Length - count + 1));
            Array.Fill(isDrawn, true, first, count);
            return;
        }

        // R. W. Floyd's sampling without replacement (1987).
        for (var i = isDrawn.Length - count; i < isDrawn.Length; i++)
        {
            var row = (int)(random.NextDouble() * (i + 1));
            isDrawn[isDrawn[row] ? i : row] = true;
        }
    }

    private static (InMemoryDataset Others, InMemoryDataset Chunk) Divide(IDataset reference, List<DataBatch> batches, bool[] isDrawn)
    {
        List<DataBatch> others = [], chunk = [];
        List<int> drawn = [], left = [];
        var first = 0;
        foreach (var batch in batches)
        {
            drawn.Clear();
            left.Clear();
            for (var row = 0; row < batch.RowCount; row++) (isDrawn[first + row] ? drawn : left).Add(row);
            first += batch.RowCount;
            if (drawn.Count > 0) chunk.Add(batch.Take([.. drawn]));
            if (left.Count > 0) others.Add(drawn.Count == 0 ? batch : batch.Take([.. left]));
        }

        return (new InMemoryDataset($"{reference.Name} (rest)", reference.Schema, others), new InMemoryDataset($"{reference.Name} (chunk)", reference.Schema, chunk));
    }
}
