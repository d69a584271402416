namespace Mlops.Onnx;

/// <summary>Gives numbers another type.</summary>
internal sealed class CastStep<TFrom, TTo>(int input, int output, Func<TFrom, TTo> cast) : EvaluationStep
{
    public override void Run(EvaluationWorkspace workspace, int rows)
    {
        var source = workspace.Get<TFrom>(input, rows);
        var target = workspace.Get<TTo>(output, rows);
        for (var i = 0; i < target.Length; i++) target[i] = cast(source[i]);
    }
}
