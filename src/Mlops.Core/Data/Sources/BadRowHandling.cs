namespace Mlops.Data;

/// <summary>What a dataset does with rows that do not fit its schema.</summary>
public enum BadRowHandling
{
    /// <summary>The first one ends the reading with a <see cref="DataFormatException"/>, after the rows before it have been delivered.</summary>
    Refuse,

    /// <summary>
    /// They are left out, and are to be found in <see cref="RowDataset.BadRows"/>. Where types are inferred, up to a tenth of the values of a column need not fit its type.
    /// </summary>
    Quarantine,
}
