namespace Mlops.Training;

/// <summary>Checks the number of processors that options ask for.</summary>
internal static class Parallelism
{
    public static void Check(int value, string paramName)
    {
        if (value is 0 or < -1) throw new ArgumentOutOfRangeException(paramName, value, "MaxParallelism must be 1 or more, or -1 for all processors.");
    }
}
