namespace Mlops.Evaluation;

/// <summary>Which rows tell a metric of classes: a figure is as sure as those are many.</summary>
public enum MetricSupport
{
    /// <summary>The rows of each class: a mean over classes, or a figure of one of them, is no surer than its rarest class.</summary>
    EveryClass,

    /// <summary>The rows of all classes but the most frequent one: a class counts by its share.</summary>
    OtherClasses,

    /// <summary>All rows: a mean over rows to which a row of any class adds alike, as the share of right decisions.</summary>
    AllRows,
}
