using Mlops.Models;

namespace Mlops.Training;

internal sealed class ClipKernel(ClipOperator step) : FloatingPointKernel
{
    private readonly NumberParameters _minimums = new(step.Minimums);
    private readonly NumberParameters _maximums = new(step.Maximums);

    protected override void RunRow<T>(ReadOnlySpan<T> source, Span<T> target)
    {
        var minimums = _minimums.Get<T>();
        var maximums = _maximums.Get<T>();
        for (var i = 0; i < target.Length && i < source.Length && i < minimums.Length && i < maximums.Length; i++)
        {
            // Comparisons with NaN are false, so that it stays.
            var value = source[i];
            target[i] = value < minimums[i] ? minimums[i] : value > maximums[i] ? maximums[i] : value;
        }
    }
}
