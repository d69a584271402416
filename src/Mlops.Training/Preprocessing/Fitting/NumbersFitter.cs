using Mlops.Data;
using Mlops.Models;

namespace Mlops.Training;

/// <summary>Fits the steps of the columns of numbers that one rule takes.</summary>
internal sealed class NumbersFitter(IDataset dataset, ColumnSchema[] columns, IReadOnlyList<PreprocessingStep> steps) : IColumnFitter
{
    private readonly NumberCollector[] _collectors = [.. columns.Select(column => new NumberCollector(column, NumberFitter.NeedsValues(steps)))];

    public IEnumerable<ColumnSchema> Columns => columns;

    /// <summary>Gets or sets the input that holds all numbers, and where the columns are in it; without places they are all of it.</summary>
    public (string Tensor, int[]? Places) Input { get; set; }

    public void Add(DataBatch batch, LabelTargets? targets)
    {
        foreach (var collector in _collectors) collector.Add(batch[collector.Schema.Name]);
    }

    public void Build(GraphParts parts, LabelTargets? targets)
    {
        // Column by column, so that only one is copied at a time.
        var fitted = Array.ConvertAll(_collectors, collector => new NumberChain(dataset, collector.Schema.Name, collector.Schema.Name, collector.Summarize(dataset), isSingle: false).Fit(steps));
        var tensor = Input.Places is { } places ? parts.Add(new SelectOperator(places), Input.Tensor, "numeric_selected") : Input.Tensor;
        NumberFitter.Add(parts, steps, tensor, "numeric", Array.ConvertAll(columns, column => column.Name), fitted);
    }
}
