namespace Mlops.Onnx;

/// <summary>LabelEncoder: each value becomes another one by a table.</summary>
internal sealed class LookupStep<TKey, TValue>(int input, int output, Dictionary<TKey, TValue> table, TValue missing) : EvaluationStep
    where TKey : notnull
{
    public override void Run(EvaluationWorkspace workspace, int rows)
    {
        var source = workspace.Get<TKey>(input, rows);
        var target = workspace.Get<TValue>(output, rows);
        for (var i = 0; i < target.Length; i++) target[i] = table.TryGetValue(source[i], out var value) ? value : missing;
    }
}
