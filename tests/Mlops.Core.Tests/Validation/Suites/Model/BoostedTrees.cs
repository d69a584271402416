using Mlops.Data;
using Mlops.Evaluation;
using Mlops.Models;

namespace Mlops.Core.Tests.Validation;

/// <summary>Gradient boosting of the log loss by small trees: a real model that was made in stages, and that learns its rows by heart when it is let.</summary>
/// <remarks>Source: J. H. Friedman (2001). The classes are no and yes; features are the numeric columns of the training set.</remarks>
internal sealed class BoostedTrees : IPredictor, IStagedPredictor
{
    private readonly string[] _features;
    private readonly ShallowTree[] _trees;
    private readonly double _rate;
    private readonly double _start;

    private BoostedTrees(string[] features, ShallowTree[] trees, double rate, double start)
    {
        (_features, _trees, _rate, _start) = (features, trees, rate, start);
        Signature = new ModelSignature([TensorSpec.Of<double>("x", features.Length, features)], [TensorSpec.Of<double>("probabilities", 2) with { Classes = ["no", "yes"] }]);
    }

    public ModelSignature Signature { get; }

    public int StageCount => _trees.Length;

    public static BoostedTrees Train(DataBatch rows, string label, int rounds, double rate, int depth)
    {
        string[] names = [.. rows.Schema.Where(column => column.Role == ColumnRole.Feature && column.Type != ElementType.String).Select(column => column.Name)];
        double[][] features = [.. names.Select(name => ColumnNumbers.ToDoubles(rows[name]))];
        double[] truth = [.. Enumerable.Range(0, rows.RowCount).Select(row => (string)rows[label].GetValue(row)! == "yes" ? 1.0 : 0)];
        var start = Math.Log(truth.Average() / (1 - truth.Average()));
        double[] margins = [.. Enumerable.Repeat(start, truth.Length)];
        var trees = new ShallowTree[rounds];
        for (var round = 0; round < rounds; round++)
        {
            double[] residuals = [.. truth.Select((y, row) => y - Sigmoid(margins[row]))];
            trees[round] = ShallowTree.Grow(features, residuals, 1, [], depth, minimumRows: 2);
            for (var row = 0; row < margins.Length; row++) margins[row] += rate * trees[round].Find(features, row).Mean[0];
        }

        return new BoostedTrees(names, trees, rate, start);
    }

    public IPredictor CreateStagePredictor(int stages)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(stages, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(stages, StageCount);
        return new BoostedTrees(_features, _trees[..stages], _rate, _start);
    }

    public ValueTask PredictAsync(TensorBatch inputs, TensorBatch outputs, PredictionContext context, CancellationToken cancellationToken = default)
    {
        double[][] features = [.. _features.Select((_, i) => Enumerable.Range(0, inputs.Rows).Select(row => inputs.Get<double>(0).GetRow(row)[i]).ToArray())];
        for (var row = 0; row < inputs.Rows; row++)
        {
            var probability = Sigmoid(_start + (_rate * _trees.Sum(tree => tree.Find(features, row).Mean[0])));
            outputs.Get<double>(0).WriteRow(row, [1 - probability, probability]);
        }

        return ValueTask.CompletedTask;
    }

    public object? GetService(Type serviceType, object? serviceKey = null) => serviceKey is null && serviceType.IsInstanceOfType(this) ? this : null;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static double Sigmoid(double margin) => 1 / (1 + Math.Exp(-margin));
}
