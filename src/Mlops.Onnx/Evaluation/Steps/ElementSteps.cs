namespace Mlops.Onnx;

/// <summary>Where the elements of one side of an operator come from: a tensor with rows, or a constant that is the same for each row.</summary>
/// <param name="Slot">The slot of the tensor.</param>
/// <param name="Constant">The elements of the constant; <see langword="null"/> for a tensor.</param>
/// <param name="Width">The number of elements in a row: that of the result, or 1, which stands for each of them.</param>
internal readonly record struct ElementSource<T>(int Slot, T[]? Constant, int Width)
{
    public ReadOnlySpan<T> GetRow(EvaluationWorkspace workspace, int row, int rows)
        => Constant is not null ? Constant : workspace.Get<T>(Slot, rows).Slice(row * Width, Width);
}

/// <summary>An operator of two elements.</summary>
internal sealed class BinaryStep<TOperator, TIn, TOut>(ElementSource<TIn> left, ElementSource<TIn> right, int output, int width) : EvaluationStep
    where TOperator : struct, IBinaryOperator<TIn, TOut>
{
    public override void Run(EvaluationWorkspace workspace, int rows)
    {
        var all = workspace.Get<TOut>(output, rows);
        for (var row = 0; row < rows; row++)
        {
            var first = left.GetRow(workspace, row, rows);
            var second = right.GetRow(workspace, row, rows);
            for (var i = 0; i < width; i++) all[(row * width) + i] = TOperator.Apply(first[left.Width == 1 ? 0 : i], second[right.Width == 1 ? 0 : i]);
        }
    }
}

/// <summary>An operator of one element.</summary>
internal sealed class UnaryStep<TOperator, TIn, TOut>(int input, int output) : EvaluationStep
    where TOperator : struct, IUnaryOperator<TIn, TOut>
{
    public override void Run(EvaluationWorkspace workspace, int rows)
    {
        var source = workspace.Get<TIn>(input, rows);
        var target = workspace.Get<TOut>(output, rows);
        for (var i = 0; i < target.Length; i++) target[i] = TOperator.Apply(source[i]);
    }
}

/// <summary>Where: one of two elements.</summary>
internal sealed class WhereStep<T>(ElementSource<bool> condition, ElementSource<T> left, ElementSource<T> right, int output, int width) : EvaluationStep
{
    public override void Run(EvaluationWorkspace workspace, int rows)
    {
        var all = workspace.Get<T>(output, rows);
        for (var row = 0; row < rows; row++)
        {
            var isLeft = condition.GetRow(workspace, row, rows);
            var first = left.GetRow(workspace, row, rows);
            var second = right.GetRow(workspace, row, rows);
            for (var i = 0; i < width; i++) all[(row * width) + i] = isLeft[condition.Width == 1 ? 0 : i] ? first[left.Width == 1 ? 0 : i] : second[right.Width == 1 ? 0 : i];
        }
    }
}
