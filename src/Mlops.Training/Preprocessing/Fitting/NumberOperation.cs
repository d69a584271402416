namespace Mlops.Training;

/// <summary>What an operator does to a number.</summary>
internal enum NumberOperation
{
    /// <summary>Puts a value where the number is missing.</summary>
    Impute,

    /// <summary>Subtracts an offset and multiplies by a scale.</summary>
    Scale,

    /// <summary>Brings it between two bounds.</summary>
    Clip,
}
