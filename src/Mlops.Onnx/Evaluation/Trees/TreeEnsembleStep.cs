using System.Numerics;
using Mlops.Data;

namespace Mlops.Onnx;

/// <summary>TreeEnsembleRegressor, TreeEnsembleClassifier and TreeEnsemble.</summary>
/// <typeparam name="T">The type of the features, of the thresholds and of the scores.</typeparam>
/// <typeparam name="TOutput">The type of the scores that are written.</typeparam>
internal sealed class TreeEnsembleStep<T, TOutput> : EvaluationStep
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
    where TOutput : unmanaged, IBinaryFloatingPointIeee754<TOutput>
{
    private const int Lanes = CompactTrees<T>.Lanes;

    /// <summary>From so many rows on, the walk of eight costs less than walks of one.</summary>
    private const int MinRowsTogether = 5;

    /// <summary>From so many tiles on, asking all nodes costs less than walks.</summary>
    private static readonly int s_minTilesMasked = (MaskedTrees<T>.TilesTogether / 2) + 1;

    private readonly TreeModel<T> _model;
    private readonly CompactTrees<T>? _compact;
    private readonly LinkedTrees<T> _linked;
    private readonly MaskedTrees<T>? _masked;
    private readonly TreeAddition _addition;
    private readonly TreeWeights<T> _weights;
    private readonly TreeWeights<T>? _maskedWeights;
    private readonly TreeScores<T> _scores;
    private readonly int _input;
    private readonly int _output;
    private readonly int _width;
    private readonly int _targets;
    private readonly int _values;
    private readonly int _sums;
    private readonly int _isScored;

    /// <summary>Creates the step.</summary>
    /// <param name="plan">Makes room in the workspace.</param>
    /// <param name="model">The trees.</param>
    /// <param name="input">The slot of the features.</param>
    /// <param name="width">The number of features.</param>
    /// <param name="output">The slot of the scores.</param>
    public TreeEnsembleStep(PlanBuilder plan, TreeModel<T> model, int input, int width, int output)
    {
        var type = ElementTypes.Of<T>();
        _model = model;
        _compact = CompactTrees<T>.TryCreate(model);
        _linked = new LinkedTrees<T>(model);
        _masked = _compact is null ? null : MaskedTrees<T>.TryCreate(_compact);
        _scores = new TreeScores<T>(model);
        _addition = model.FindAddition();

        // Each way to a leaf numbers leaves by itself.
        _weights = new TreeWeights<T>(model, _addition, _compact?.Origins ?? [.. Enumerable.Range(0, model.Modes.Length)]);
        _maskedWeights = _masked is null ? null : new TreeWeights<T>(model, _addition, _masked.Origins);
        (_input, _width, _output, _targets) = (input, width, output, model.TargetCount);
        _values = plan.AddSlot(type, _compact?.SlotCount ?? 0);
        _sums = plan.AddSlot(type, _targets);
        _isScored = plan.AddSlot(ElementType.Boolean, _targets);
    }

    /// <summary>Gets or sets what writes the classes; <see langword="null"/> for a regression.</summary>
    public ClassWriter? Classes { get; init; }

    public override void Run(EvaluationWorkspace workspace, int rows)
    {
        var sums = workspace.Get<T>(_sums, rows);
        var isScored = workspace.Get<bool>(_isScored, rows);
        sums.Clear();
        isScored.Fill(_addition is TreeAddition.Some or TreeAddition.Every);
        var input = workspace.Get<T>(_input, rows);
        if (_compact is null) WalkLinked(input, sums, isScored, rows);
        else WalkCompact(_compact, workspace, input, sums, isScored, rows);
        var output = workspace.Get<TOutput>(_output, rows);
        for (var row = 0; row < rows; row++)
        {
            var scores = sums.Slice(row * _targets, _targets);
            var scored = isScored.Slice(row * _targets, _targets);
            if (Classes is null) _scores.Regress(scores, scored);
            else Classes.Write(workspace, row, rows, _scores.Classify(scores, scored));
            for (var i = 0; i < _targets; i++) output[(row * _targets) + i] = TOutput.CreateTruncating(scores[i]);
        }
    }

    private void WalkLinked(ReadOnlySpan<T> input, Span<T> sums, Span<bool> isScored, int rows)
    {
        Span<int> leaf = stackalloc int[1];
        for (var row = 0; row < rows; row++)
        {
            for (var tree = 0; tree < _model.Roots.Length; tree++)
            {
                leaf[0] = _linked.Walk(tree, input.Slice(row * _width, _width));
                _weights.AddByTree(leaf, sums.Slice(row * _targets, _targets), isScored.Slice(row * _targets, _targets));
            }
        }
    }

    private void WalkCompact(CompactTrees<T> trees, EvaluationWorkspace workspace, ReadOnlySpan<T> input, Span<T> sums, Span<bool> isScored, int rows)
    {
        // Room for a whole number of tiles: the block of the evaluator is one.
        var values = workspace.Get<T>(_values, (rows + Lanes - 1) / Lanes * Lanes);
        var tileLength = trees.SlotCount * Lanes;
        var tiles = rows / Lanes;
        if (rows % Lanes >= MinRowsTogether) tiles++;
        for (var tile = 0; tile < tiles; tile++)
        {
            var first = tile * Lanes;
            trees.Gather(input[(first * _width)..(Math.Min(first + Lanes, rows) * _width)], _width, values.Slice(tile * tileLength, tileLength));
        }

        var together = Math.Min(tiles * Lanes, rows);
        if (_masked is not null && tiles >= s_minTilesMasked) MaskRows(_masked, values[..(tiles * tileLength)], tileLength, sums[..(together * _targets)], isScored);
        else if (tiles > 0) WalkRows(trees, values[..(tiles * tileLength)], tileLength, sums[..(together * _targets)], isScored);
        for (var row = together; row < rows; row++)
        {
            trees.Gather(input.Slice(row * _width, _width), values);
            WalkTrees(trees, values, sums.Slice(row * _targets, _targets), isScored.Slice(row * _targets, _targets));
        }
    }

    private void MaskRows(MaskedTrees<T> trees, ReadOnlySpan<T> tiles, int tileLength, Span<T> sums, Span<bool> isScored)
    {
        var (rows, together) = (sums.Length / _targets, MaskedTrees<T>.TilesTogether * Lanes);
        Span<int> leaves = stackalloc int[together];
        for (var tree = 0; tree < trees.TreeCount; tree++)
        {
            for (var first = 0; first < rows; first += together)
            {
                trees.FindLeaves(tree, tiles[(first / Lanes * tileLength)..], tileLength, leaves);
                _maskedWeights!.AddByRow(leaves, RowsOf(sums, first, together), RowsOf(isScored, first, together));
            }
        }
    }

    private void WalkRows(CompactTrees<T> trees, ReadOnlySpan<T> tiles, int tileLength, Span<T> sums, Span<bool> isScored)
    {
        var rows = sums.Length / _targets;
        Span<int> leaves = stackalloc int[Lanes];
        for (var tree = 0; tree < trees.TreeCount; tree++)
        {
            for (var first = 0; first < rows; first += Lanes)
            {
                trees.WalkRows(tree, tiles.Slice(first / Lanes * tileLength, tileLength), leaves);
                _weights.AddByRow(leaves, RowsOf(sums, first, Lanes), RowsOf(isScored, first, Lanes));
            }
        }
    }

    private void WalkTrees(CompactTrees<T> trees, ReadOnlySpan<T> values, Span<T> sums, Span<bool> isScored)
    {
        Span<int> leaves = stackalloc int[Lanes];
        for (var tree = 0; tree < trees.TreeCount; tree += Lanes)
        {
            trees.WalkTrees(tree / Lanes, values, leaves);
            _weights.AddByTree(leaves[..Math.Min(Lanes, trees.TreeCount - tree)], sums, isScored);
        }
    }

    /// <summary>The scores of some rows, or of fewer where the block ends before.</summary>
    private Span<TValue> RowsOf<TValue>(Span<TValue> values, int first, int rows) => values[(first * _targets)..Math.Min(values.Length, (first + rows) * _targets)];
}
