namespace Mlops.Data;

/// <summary>Whether the order of rows is part of a fingerprint.</summary>
public enum RowOrder
{
    /// <summary>The same rows in another order have another fingerprint.</summary>
    Significant,

    /// <summary>The same rows, each as often, have the same fingerprint in any order: for tables of a database, which promise none.</summary>
    Ignored,
}
