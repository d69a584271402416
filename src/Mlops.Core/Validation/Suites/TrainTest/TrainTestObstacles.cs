using Mlops.Data;

namespace Mlops.Validation;

/// <summary>Tells why two datasets cannot be compared.</summary>
internal static class TrainTestObstacles
{
    /// <summary>Finds what any check of two datasets lacks.</summary>
    public static string? Find(ValidationSubject subject) => subject.Test is null ? "There is no test set." : null;

    /// <summary>Finds what a check of columns of a role lacks: a test set, such columns, or both sides of them.</summary>
    /// <param name="subject">The datasets.</param>
    /// <param name="role">The role in the training set.</param>
    /// <param name="isSingle">Whether only one column may have the role.</param>
    public static string? Find(ValidationSubject subject, ColumnRole role, bool isSingle)
    {
        if (Find(subject) is { } obstacle) return obstacle;
        ColumnSchema[] columns = [.. subject.Train.Schema.Where(column => column.Role == role)];
        if (columns.Length == 0) return $"No column of the training set has the role {role}.";
        if (isSingle && columns.Length > 1) return $"Columns '{columns[0].Name}' and '{columns[1].Name}' both have the role {role}; the check works with one.";
        var test = subject.Test!.Schema;
        foreach (var column in columns)
        {
            if (!test.TryIndexOf(column.Name, out var other)) return $"The test set has no column '{column.Name}', which has the role {role} in the training set.";
            if (CommonForms.Find(column, test[other]) is null)
                return $"Column '{column.Name}' is {PairedColumns.Describe(column)} in the training set and {PairedColumns.Describe(test[other])} in the test set, which cannot be compared.";
        }

        return null;
    }

    /// <summary>Pairs the columns of a role.</summary>
    public static IReadOnlyList<PairedColumn> Pair(ValidationSubject subject, ColumnRole role)
        => PairedColumns.Create(subject, [.. subject.Train.Schema.Where(column => column.Role == role).Select(column => column.Name)], _ => false).Columns;
}
