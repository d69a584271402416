namespace Mlops.Training;

/// <summary>The parameters of a kernel in both precisions.</summary>
internal sealed class NumberParameters(double[] values)
{
    private readonly float[] _singles = Array.ConvertAll(values, value => (float)value);

    public ReadOnlySpan<T> Get<T>() => (T[])(object)(typeof(T) == typeof(double) ? values : _singles);
}
