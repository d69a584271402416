namespace Mlops.Profiles;

/// <summary>How many texts of a column could be read as values of another type; each text is counted once, for the first type that reads it.</summary>
/// <param name="Integers">Whole numbers.</param>
/// <param name="Numbers">Other numbers, NaN and infinities among them.</param>
/// <param name="Booleans"><c>true</c> and <c>false</c>.</param>
/// <param name="Dates">Days, as <c>2001-01-22</c>.</param>
/// <param name="Timestamps">Moments, in ISO 8601.</param>
/// <param name="Others">Texts that are nothing else.</param>
public readonly record struct TextTypeCounts(long Integers, long Numbers, long Booleans, long Dates, long Timestamps, long Others)
{
    internal TextTypeCounts Add(TextTypeCounts other) => new(
        Integers + other.Integers, Numbers + other.Numbers, Booleans + other.Booleans, Dates + other.Dates, Timestamps + other.Timestamps, Others + other.Others);
}
