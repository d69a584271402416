namespace Mlops.Training;

internal sealed class OneHotKernel<T> : GraphKernel
    where T : notnull
{
    private readonly Dictionary<T, int> _positions;
    private readonly int _width;

    public OneHotKernel(T[] categories)
    {
        _positions = categories.Select((category, i) => KeyValuePair.Create(category, i)).ToDictionary();
        _width = categories.Length;
    }

    public override void Run(GraphWorkspace workspace, GraphStep graphStep)
    {
        var source = workspace.Get<T>(graphStep.Inputs[0]);
        var target = workspace.Get<float>(graphStep.Outputs[0]);
        target.Clear();
        for (var row = 0; row < source.Length; row++)
        {
            if (source[row] is not null && _positions.TryGetValue(source[row], out var position)) target[(row * _width) + position] = 1;
        }
    }
}
