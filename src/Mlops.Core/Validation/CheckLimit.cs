using System.Runtime.CompilerServices;

namespace Mlops.Validation;

/// <summary>Refuses limits that make no sense, naming the property that is set.</summary>
internal static class CheckLimit
{
    /// <summary>Takes a share, 0..1.</summary>
    public static double Ratio(double value, [CallerMemberName] string property = "")
        => value is >= 0 and <= 1 ? value : throw new ArgumentOutOfRangeException(property, value, $"{property} is a ratio from 0 to 1.");

    /// <summary>Takes a probability that is neither impossible nor certain.</summary>
    public static double Probability(double value, [CallerMemberName] string property = "")
        => value is > 0 and < 1 ? value : throw new ArgumentOutOfRangeException(property, value, $"{property} is a probability above 0 and below 1.");

    /// <summary>Takes the probability of a false alarm of a test on one side.</summary>
    public static double OneSided(double value, [CallerMemberName] string property = "")
        => value is > 0 and < 0.5 ? value : throw new ArgumentOutOfRangeException(property, value, $"{property} is a probability above 0 and below 0.5.");

    /// <summary>Takes a finite number that is not negative.</summary>
    public static double NotNegative(double value, [CallerMemberName] string property = "")
        => value >= 0 && double.IsFinite(value) ? value : throw new ArgumentOutOfRangeException(property, value, $"{property} is a finite number, not negative.");

    /// <summary>Takes a finite number.</summary>
    public static double Finite(double value, [CallerMemberName] string property = "")
        => double.IsFinite(value) ? value : throw new ArgumentOutOfRangeException(property, value, $"{property} is a finite number.");

    /// <summary>Takes a count or a number of bytes that is not below the least one.</summary>
    public static T AtLeast<T>(T value, T least, [CallerMemberName] string property = "")
        where T : IComparable<T>
        => value.CompareTo(least) >= 0 ? value : throw new ArgumentOutOfRangeException(property, value, $"{property} is at least {least}.");

    /// <summary>Takes a duration above zero.</summary>
    public static TimeSpan Positive(TimeSpan value, [CallerMemberName] string property = "")
        => value > TimeSpan.Zero ? value : throw new ArgumentOutOfRangeException(property, value, $"{property} is a duration above zero.");

    /// <summary>Takes a value of an enumeration that has a name.</summary>
    public static T Known<T>(T value, [CallerMemberName] string property = "")
        where T : struct, Enum
        => Enum.IsDefined(value) ? value : throw new ArgumentOutOfRangeException(property, value, $"{property} is none of {string.Join(", ", Enum.GetNames<T>())}.");
}
