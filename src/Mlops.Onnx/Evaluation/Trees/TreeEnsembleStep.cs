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

    private readonly TreeModel<T> _model;
    private readonly CompactTrees<T>? _compact;
    private readonly LinkedTrees<T> _linked;
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
        _scores = new TreeScores<T>(model, _compact?.Origins ?? [.. Enumerable.Range(0, model.Modes.Length)]);
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
        isScored.Clear();
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
        for (var row = 0; row < rows; row++)
        {
            for (var tree = 0; tree < _model.Roots.Length; tree++)
                _scores.Take(_linked.Walk(tree, input.Slice(row * _width, _width)), sums.Slice(row * _targets, _targets), isScored.Slice(row * _targets, _targets));
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

        Span<int> leaves = stackalloc int[Lanes];
        for (var tree = 0; tree < trees.TreeCount && tiles > 0; tree++)
        {
            for (var tile = 0; tile < tiles; tile++)
            {
                trees.WalkRows(tree, values.Slice(tile * tileLength, tileLength), leaves);
                var first = tile * Lanes;
                TakeRows(leaves, sums, isScored, first, Math.Min(first + Lanes, rows));
            }
        }

        for (var row = tiles * Lanes; row < rows; row++)
        {
            trees.Gather(input.Slice(row * _width, _width), values);
            for (var tree = 0; tree < trees.TreeCount; tree += Lanes)
            {
                trees.WalkTrees(tree / Lanes, values, leaves);
                TakeTrees(leaves[..Math.Min(Lanes, trees.TreeCount - tree)], sums, isScored, row);
            }
        }
    }

    private void TakeRows(ReadOnlySpan<int> leaves, Span<T> sums, Span<bool> isScored, int first, int end)
    {
        if (_scores.IsSum)
        {
            _scores.AddEach(sums[first..end], leaves);
            return;
        }

        for (var row = first; row < end; row++) _scores.Take(leaves[row - first], sums.Slice(row * _targets, _targets), isScored.Slice(row * _targets, _targets));
    }

    private void TakeTrees(ReadOnlySpan<int> leaves, Span<T> sums, Span<bool> isScored, int row)
    {
        if (_scores.IsSum)
        {
            sums[row] = _scores.Add(sums[row], leaves);
            return;
        }

        foreach (var leaf in leaves) _scores.Take(leaf, sums.Slice(row * _targets, _targets), isScored.Slice(row * _targets, _targets));
    }
}
