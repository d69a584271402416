namespace Mlops.Onnx;

/// <summary>OneHotEncoder: each value becomes ones and zeros, one for each category.</summary>
internal sealed class OneHotStep<T>(int input, int output, Dictionary<T, int> categories, int count, bool refusesUnknown) : EvaluationStep
    where T : notnull
{
    public override void Run(EvaluationWorkspace workspace, int rows)
    {
        var source = workspace.Get<T>(input, rows);
        var target = workspace.Get<float>(output, rows);
        target.Clear();
        for (var i = 0; i < source.Length; i++)
        {
            if (categories.TryGetValue(source[i], out var category)) target[(i * count) + category] = 1;
            else if (refusesUnknown) throw new RefusedRowException("met a category that it does not know, and says that this is an error. Let it write zeros (attribute 'zeros' of OneHotEncoder)");
        }
    }
}
