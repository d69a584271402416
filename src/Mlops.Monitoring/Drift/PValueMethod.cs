namespace Mlops.Monitoring;

/// <summary>How a p-value is found.</summary>
public enum PValueMethod
{
    /// <summary>Exact for few values, by the limiting law for many; each test says where it changes over.</summary>
    Automatic,

    /// <summary>By counting all arrangements of the values. Its time grows with the product of the counts.</summary>
    Exact,

    /// <summary>By the law that the statistic tends to with more values.</summary>
    Asymptotic,
}
