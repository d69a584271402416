namespace Mlops.Training;

/// <summary>The kind of a column, as far as preprocessing is concerned.</summary>
public enum ColumnKind
{
    /// <summary>Numbers and booleans, one in each row.</summary>
    Number,

    /// <summary>Texts.</summary>
    Text,

    /// <summary>Days.</summary>
    Date,

    /// <summary>Moments in UTC.</summary>
    Timestamp,
}
