using Mlops.Data;

namespace Mlops.Validation;

/// <summary>Tells why the times of two datasets cannot be compared.</summary>
internal static class TimeObstacles
{
    public static string? Find(ValidationSubject subject)
    {
        if (TrainTestObstacles.Find(subject, ColumnRole.Time, isSingle: true) is { } obstacle) return obstacle;
        var column = TrainTestObstacles.Pair(subject, ColumnRole.Time)[0];
        return column.IsText || column.Train.Width > 1 ? $"Column '{column.Name}' has the role Time, but is {PairedColumns.Describe(column.Train)}; it must be a date, a timestamp or a number." : null;
    }

    /// <summary>Tells in which unit dates are compared beside timestamps.</summary>
    public static string DescribeForm(PairedColumn column) => column.Form == CommonForm.Day ? ", compared by days, since one of the two has dates without a time" : "";
}
