namespace Mlops.Onnx;

/// <summary>Writes the labels of classes.</summary>
internal sealed class ClassWriter(int output, string[]? texts, long[]? numbers)
{
    /// <summary>Writes the label of a row.</summary>
    /// <param name="workspace">Where the labels lie.</param>
    /// <param name="row">The row.</param>
    /// <param name="rows">The number of rows.</param>
    /// <param name="position">The number of the class; below zero, the label itself where labels are numbers, as −1 − label.</param>
    public void Write(EvaluationWorkspace workspace, int row, int rows, int position)
    {
        if (texts is not null) workspace.Get<string>(output, rows)[row] = texts[position < 0 ? -1 - position : position];
        else workspace.Get<long>(output, rows)[row] = position < 0 ? -1 - position : numbers![position];
    }
}
