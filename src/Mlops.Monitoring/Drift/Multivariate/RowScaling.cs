namespace Mlops.Monitoring;

/// <summary>How columns are made comparable before distances between rows are taken.</summary>
public enum RowScaling
{
    /// <summary>Each column is divided by its standard deviation over both samples, so that no column counts more for its unit.</summary>
    Standardized,

    /// <summary>The values are taken as they are: for columns of one unit, such as the elements of an embedding.</summary>
    None,
}
