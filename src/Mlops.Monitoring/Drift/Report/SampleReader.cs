using Mlops.Data;
using Mlops.Profiles;

namespace Mlops.Monitoring;

/// <summary>Reads two datasets into memory, or into profiles where they do not fit; each is read once.</summary>
internal static class SampleReader
{
    /// <summary>Gets how exactly datasets that do not fit are described: an error of ranks of 0.2 %.</summary>
    public static DatasetProfileOptions ProfileOptions { get; } = new() { QuantileK = 2048 };

    public static async Task<IDriftSource> ReadAsync(IDataset reference, IDataset current, DriftReportOptions options, CancellationToken cancellationToken)
    {
        var names = DriftPlan.Create(reference.Schema, current.Schema, options).Where(step => step.IsComparable).Select(step => step.Column.Name).ToArray();
        var budget = options.MaximumSampleBytes;
        var first = await ReadAsync(reference, names, budget, cancellationToken).ConfigureAwait(false);
        var second = await ReadAsync(current, names, first.Profile is null ? budget - first.Bytes : -1, cancellationToken).ConfigureAwait(false);
        if (first.Profile is null && second.Profile is null) return new ValueSource(reference.Schema, first.Batches, current.Schema, second.Batches, options.MaximumSampleBytes);
        return new ProfileSource(
            first.Profile ?? Describe(reference.Schema.Select(NamesOf(reference, names)), first.Batches),
            second.Profile ?? Describe(current.Schema.Select(NamesOf(current, names)), second.Batches),
            reference.Schema, current.Schema);
    }

    private static async Task<Part> ReadAsync(IDataset dataset, string[] names, long budget, CancellationToken cancellationToken)
    {
        // What is in memory already takes no more of it; a column at a time is copied.
        if (dataset is InMemoryDataset memory && budget >= 0) return new Part([.. memory.Batches], null, 0);
        var batches = new List<DataBatch>();
        DatasetProfile? profile = null;
        long bytes = 0;
        await foreach (var batch in dataset.ReadAsync(new ReadOptions { Columns = NamesOf(dataset, names) }, cancellationToken).ConfigureAwait(false))
        {
            if (profile is null)
            {
                batches.Add(batch);
                bytes += GetBytes(batch);
                if (bytes <= budget) continue;
                profile = Describe(batch.Schema, batches);
                batches.Clear();
            }
            else
            {
                profile.Add(batch);
            }
        }

        return new Part([.. batches], profile ?? (budget < 0 ? Describe(dataset.Schema.Select(NamesOf(dataset, names)), batches) : null), bytes);
    }

    // Rows are counted even if no column is compared.
    private static string[] NamesOf(IDataset dataset, string[] names) => names.Length > 0 ? names : [.. dataset.Schema.Take(1).Select(column => column.Name)];

    private static DatasetProfile Describe(DataSchema schema, IReadOnlyList<DataBatch> batches)
    {
        var profile = new DatasetProfile(schema, ProfileOptions);
        foreach (var batch in batches) profile.Add(schema.Count == batch.Schema.Count ? batch : batch.Select([.. schema.Select(column => column.Name)]));
        return profile;
    }

    private static long GetBytes(DataBatch batch)
    {
        long bytes = 0;
        for (var i = 0; i < batch.Schema.Count; i++)
        {
            if (batch[i] is not TextColumn texts)
            {
                bytes += (long)batch[i].Length * batch[i].Width * sizeof(double);
                continue;
            }

            bytes += texts.Length * sizeof(int);
            for (var entry = 0; entry < texts.EntryCount; entry++) bytes += texts.GetEntryUtf8(entry).Length + sizeof(int);
        }

        return bytes;
    }

    private sealed record Part(DataBatch[] Batches, DatasetProfile? Profile, long Bytes);
}
