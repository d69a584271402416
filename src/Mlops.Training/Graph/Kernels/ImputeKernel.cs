using Mlops.Models;

namespace Mlops.Training;

internal sealed class ImputeKernel(ImputeOperator step) : FloatingPointKernel
{
    private readonly NumberParameters _replacements = new(step.Replacements);

    protected override void RunRow<T>(ReadOnlySpan<T> source, Span<T> target)
    {
        var replacements = _replacements.Get<T>();
        for (var i = 0; i < target.Length && i < source.Length && i < replacements.Length; i++) target[i] = T.IsNaN(source[i]) ? replacements[i] : source[i];
    }
}
