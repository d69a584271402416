namespace Mlops.Validation;

/// <summary>Words for the choices of constraints.</summary>
internal static class ConstraintText
{
    public static string Of(MonotoneOrder order) => order switch
    {
        MonotoneOrder.Increasing => "increasing",
        MonotoneOrder.StrictlyIncreasing => "strictly increasing",
        MonotoneOrder.Decreasing => "decreasing",
        _ => "strictly decreasing",
    };

    public static string Of(ComparisonOperator comparison) => comparison switch
    {
        ComparisonOperator.Equal => "equal to",
        ComparisonOperator.NotEqual => "different from",
        ComparisonOperator.Less => "less than",
        ComparisonOperator.LessOrEqual => "at most",
        ComparisonOperator.Greater => "greater than",
        _ => "at least",
    };

    public static string Of(ColumnAggregate aggregate) => aggregate switch
    {
        ColumnAggregate.Minimum => "minimum",
        ColumnAggregate.Maximum => "maximum",
        ColumnAggregate.Mean => "mean",
        ColumnAggregate.Sum => "sum",
        _ => "standard deviation",
    };
}
