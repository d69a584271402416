namespace Mlops.Data;

/// <summary>What a dataset does with rows that do not fit its schema.</summary>
public enum BadRowHandling
{
    /// <summary>The first one ends the reading with a <see cref="DataFormatException"/>, after the rows before it have been delivered.</summary>
    Refuse,

    /// <summary>
    /// They are left out, and are to be found in <see cref="RowDataset.BadRows"/>. Where the types of CSV and
    /// JSON Lines are inferred, up to a tenth of the numbers, times or truth values of a column need not be such.
    /// </summary>
    Quarantine,
}
