using Mlops.Data;

namespace Mlops.Training;

/// <summary>The labels and weights of rows, as target encodings read them, and the fold of each row.</summary>
internal sealed class LabelTargets
{
    private readonly IDataset _dataset;
    private readonly ClassLabels? _classes;
    private readonly string _label;
    private readonly RowWeights _weights;
    private readonly ulong _seed;
    private long _row;

    private LabelTargets(IDataset dataset, ClassLabels? classes, TargetEncodeStep step)
    {
        _dataset = dataset;
        _classes = classes;
        _label = dataset.Schema.Single(ColumnRole.Label).Name;
        _weights = new RowWeights(dataset);
        (_seed, Folds) = (step.Seed, step.Folds);
    }

    /// <summary>Gets the number of folds.</summary>
    public int Folds { get; }

    /// <summary>Gets the number of numbers that a label is: 1, or the number of classes where there are more than two.</summary>
    public int Width => _classes is { Count: > 2 } ? _classes.Count : 1;

    /// <summary>Gets what is appended to a column's name for each number of a label.</summary>
    public string[] Suffixes => Width == 1 ? [""] : Array.ConvertAll(_classes!.Names, name => $":{name}");

    /// <summary>Gets the columns to read.</summary>
    public IEnumerable<string> Columns => _weights.Column is null ? [_label] : [_label, _weights.Column];

    /// <summary>Gets the label of each row of the current batch, NaN where it has none; of classes the position.</summary>
    public double[] Labels { get; private set; } = [];

    /// <summary>Gets the weight of each row of the current batch; 0 where it has no label.</summary>
    public double[] Weights { get; private set; } = [];

    /// <summary>Gets the fold of each row of the current batch.</summary>
    public int[] FoldOf { get; private set; } = [];

    /// <summary>Prepares reading; learns the classes, if the label is classes.</summary>
    /// <exception cref="EntityNotFoundException">The data has no label.</exception>
    /// <exception cref="DataFormatException">The label is not what the steps ask for.</exception>
    public static async Task<LabelTargets?> CreateAsync(IDataset dataset, TargetEncodeStep[] steps, CancellationToken cancellationToken)
    {
        if (steps.Length == 0) return null;
        var first = steps[0];
        if (steps.Any(step => step.Folds != first.Folds || step.Seed != first.Seed || step.Target != first.Target))
            throw new ArgumentException($"All {nameof(TargetEncodeStep)}s of a plan must have the same {nameof(TargetEncodeStep.Folds)}, {nameof(TargetEncodeStep.Seed)} and {nameof(TargetEncodeStep.Target)}, because a training row is in one fold.", nameof(steps));
        var label = dataset.Schema.Single(ColumnRole.Label);
        var isClasses = first.Target == TargetKind.Classes || (first.Target == TargetKind.Auto && label.Type is ElementType.String or ElementType.Boolean);
        if (isClasses) return new LabelTargets(dataset, await ClassLabels.ReadAsync(dataset, null, cancellationToken).ConfigureAwait(false), first);
        LabelColumn.Numeric(dataset);
        return new LabelTargets(dataset, null, first);
    }

    public void Read(DataBatch batch)
    {
        Weights = _weights.Read(batch);
        Labels = _classes is null ? LabelColumn.Read(_dataset, batch, _label, Weights) : _classes.NumbersOf(batch[_label]);
        FoldOf = new int[batch.RowCount];
        for (var row = 0; row < FoldOf.Length; row++)
        {
            if (double.IsNaN(Labels[row])) Weights[row] = 0;
            FoldOf[row] = OutOfFoldNodes.FoldOf(_seed, Folds, _row++);
        }
    }

    /// <summary>The numbers that the label of a row is.</summary>
    public double ValueOf(int row, int element) => Width == 1 ? Labels[row] : Labels[row] == element ? 1 : 0;
}
