using System.Globalization;

namespace Mlops.Training;

/// <summary>Checks what the options of trainers have in common, naming the property that is out of its range.</summary>
/// <remarks>Each takes the value of a property as <c>options</c>, because that is what the caller of a trainer's constructor calls it.</remarks>
internal static class TrainerOptions
{
    public static void CheckAtLeastOne(int options, string property)
    {
        if (options < 1) throw new ArgumentOutOfRangeException(nameof(options), options, string.Create(CultureInfo.InvariantCulture, $"{property} must be 1 or more."));
    }

    public static void CheckParallelism(int options)
    {
        if (options is 0 or < -1) throw new ArgumentOutOfRangeException(nameof(options), options, "MaxParallelism must be 1 or more, or -1 for all processors.");
    }

    public static void CheckTolerance(double options)
    {
        if (!(options >= 0)) throw new ArgumentOutOfRangeException(nameof(options), options, "Tolerance must be 0 or a positive number.");
    }

    /// <summary>Makes the plan of the preprocessing, which throws where it cannot be one.</summary>
    public static void CheckPreprocessing(PreprocessingOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.ToPlan();
    }
}
