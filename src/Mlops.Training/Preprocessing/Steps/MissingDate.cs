namespace Mlops.Training;

/// <summary>What a missing date becomes.</summary>
public enum MissingDate
{
    /// <summary>
    /// It is refused: when fitted, and of a column of the type Date also afterwards, because the model's input is then whole days, which cannot be missing. A timestamp that is missing only
    /// afterwards is read as <see cref="Zeros"/> says.
    /// </summary>
    Refuse,

    /// <summary>One-hot and cyclic parts are all 0, and a part as a number is its mean. The model's input is then a Float64, in which NaN is missing.</summary>
    Zeros,
}
