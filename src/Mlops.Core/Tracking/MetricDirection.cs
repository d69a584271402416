namespace Mlops.Tracking;

/// <summary>Which values of a metric are better.</summary>
public enum MetricDirection
{
    /// <summary>Smaller is better: RMSE, log loss.</summary>
    Minimize,

    /// <summary>Larger is better: R², AUC.</summary>
    Maximize,
}
