namespace Mlops.Onnx;

/// <summary>Gather from a constant: each index becomes a row of a table.</summary>
internal sealed class TableStep<T>(int input, int output, T[] table, int width) : EvaluationStep
{
    private readonly int _count = table.Length / width;

    public override void Run(EvaluationWorkspace workspace, int rows)
    {
        var source = workspace.Get<long>(input, rows);
        var target = workspace.Get<T>(output, rows);
        for (var i = 0; i < source.Length; i++)
        {
            var index = source[i] < 0 ? source[i] + _count : source[i];
            if (index < 0 || index >= _count) throw new RefusedRowException("looks up an index that its table does not have (Gather). Check what makes the index of the inputs, or export the model with a table for all of them");
            table.AsSpan((int)index * width, width).CopyTo(target[(i * width)..]);
        }
    }
}
