using Mlops.Data;
using Mlops.Models;

namespace Mlops.Training;

/// <summary>Fits preprocessing to training data.</summary>
/// <remarks>
/// <para>One streaming pass over the columns that are used; one more over the label where a <see cref="TargetEncodeStep"/> reads classes. Statistics are exact, in 64-bit floating point.
/// Steps that need quantiles keep the column in memory, 8 bytes for each row, up to <see cref="MaxExactValues"/> rows; beyond, quantiles are those of a sketch, whose rank is wrong
/// by at most 0.13 % of the rows with a confidence of 99 %. Texts that are categories are counted one by one, up to <see cref="MaxDistinctTexts"/> different ones in a column.</para>
/// <para>Weights of rows count in target encodings only. All other statistics count each row once, rows of weight 0 and rows without a label too.</para>
/// <para>Features are the numbers first, rule by rule, and then the texts and dates, in the order of the dataset.</para>
/// </remarks>
public static class Preprocessor
{
    /// <summary>The number of values of a column up to which quantiles are exact.</summary>
    public const int MaxExactValues = 4_000_000;

    /// <summary>The largest number of different texts in a column whose categories are fitted.</summary>
    public const int MaxDistinctTexts = 1_000_000;

    /// <summary>The size of the sketch for quantiles of more values.</summary>
    internal const int SketchSize = 4096;

    /// <summary>Fits preprocessing.</summary>
    /// <param name="dataset">The training data.</param>
    /// <param name="options">How features are made ready; a <see cref="PreprocessingPlan"/> can be given as it is.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <returns>The fitted preprocessing.</returns>
    /// <exception cref="EntityNotFoundException">No column can be a feature, the plan names a column that does not exist, or a target encoding finds no label.</exception>
    /// <exception cref="ArgumentException">A step takes other values than its column holds, or steps do not fit together.</exception>
    /// <exception cref="DataFormatException">There are no rows, a number is infinite, a column has no value at all, or it has what its steps refuse; the column is named.</exception>
    public static async Task<FittedPreprocessor> FitAsync(IDataset dataset, PreprocessingOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        var plan = (options ?? new PreprocessingOptions()).ToPlan();
        var fitters = CreateFitters(dataset, plan);
        var targets = await LabelTargets.CreateAsync(dataset, TargetSteps(dataset, plan), cancellationToken).ConfigureAwait(false);
        await ReadAsync(dataset, fitters, targets, cancellationToken).ConfigureAwait(false);

        // Dates and texts are inputs under their own names; numbers share one.
        var numbers = fitters.OfType<NumbersFitter>().ToArray();
        var others = fitters.Except(numbers).OrderBy(fitter => dataset.Schema.IndexOf(fitter.Columns.First().Name)).ToArray();
        var parts = new GraphParts(new TensorNames(others.SelectMany(fitter => fitter.Columns).Select(column => column.Name)));
        AddNumericInput(parts, dataset, numbers);
        foreach (var fitter in numbers.Concat(others)) fitter.Build(parts, targets);
        return parts.Build(TargetSteps(dataset, plan).FirstOrDefault()?.Seed ?? 0);
    }

    private static List<IColumnFitter> CreateFitters(IDataset dataset, PreprocessingPlan plan)
    {
        var fitters = new List<IColumnFitter>();
        foreach (var (rule, columns) in plan.Rules.Zip(plan.Assign(dataset.Schema)))
        {
            if (rule.IsDropped) continue;
            var kinds = columns.ToLookup(PreprocessingPlan.KindOf);
            if (kinds[ColumnKind.Number].Any()) fitters.Add(new NumbersFitter(dataset, [.. kinds[ColumnKind.Number]], rule.Steps));
            fitters.AddRange(kinds[ColumnKind.Text].Select(column => new TextFitter(dataset, column, rule.Steps)));
            fitters.AddRange(columns.Where(column => PreprocessingPlan.KindOf(column) is ColumnKind.Date or ColumnKind.Timestamp).Select(column => new DateFitter(dataset, column, rule.Steps)));
        }

        return fitters.Count > 0 ? fitters : throw new EntityNotFoundException(
            "column", nameof(ColumnRole.Feature), $"{dataset.Name} has no column that can be a feature: give the role Feature to a numeric, boolean or text column, and a rule of the plan to its kind.");
    }

    /// <summary>The target encodings that have columns.</summary>
    private static TargetEncodeStep[] TargetSteps(IDataset dataset, PreprocessingPlan plan)
        => [.. plan.Rules.Zip(plan.Assign(dataset.Schema)).Where(pair => pair.Second.Length > 0).SelectMany(pair => pair.First.Steps).OfType<TargetEncodeStep>()];

    private static async Task ReadAsync(IDataset dataset, List<IColumnFitter> fitters, LabelTargets? targets, CancellationToken cancellationToken)
    {
        var columns = fitters.SelectMany(fitter => fitter.Columns).Select(column => column.Name).Concat(targets?.Columns ?? []).ToArray();
        long rows = 0;
        await foreach (var batch in dataset.ReadAsync(new ReadOptions { Columns = columns }, cancellationToken).ConfigureAwait(false))
        {
            cancellationToken.ThrowIfCancellationRequested();
            rows += batch.RowCount;
            targets?.Read(batch);
            foreach (var fitter in fitters) fitter.Add(batch, targets);
        }

        if (rows == 0) throw NoRows.In(dataset);
    }

    private static void AddNumericInput(GraphParts parts, IDataset dataset, NumbersFitter[] fitters)
    {
        if (fitters.Length == 0) return;
        var tensor = parts.Names.Take(FittedPreprocessor.NumericInputName);
        var taken = fitters.SelectMany(fitter => fitter.Columns).Select(column => column.Name).ToHashSet(StringComparer.Ordinal);
        var names = dataset.Schema.Select(column => column.Name).Where(taken.Contains).ToArray();
        parts.Inputs.Add(TensorSpec.Of<double>(tensor, names.Length, names));
        foreach (var fitter in fitters)
        {
            var places = fitter.Columns.Select(column => Array.IndexOf(names, column.Name)).ToArray();
            fitter.Input = (tensor, places.SequenceEqual(Enumerable.Range(0, names.Length)) ? null : places);
        }
    }
}
