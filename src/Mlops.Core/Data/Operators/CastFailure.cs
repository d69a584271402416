namespace Mlops.Data;

/// <summary>What becomes of a value that a cast would change or cannot express.</summary>
public enum CastFailure
{
    /// <summary>The read fails with a <see cref="DataFormatException"/> that names the column and the row.</summary>
    Refuse,

    /// <summary>The row has no value afterwards.</summary>
    Null,
}
