using Mlops.Data;

namespace Mlops.Validation;

/// <summary>A column that the training and the test set both have, in types that can be compared.</summary>
internal sealed record PairedColumn(string Name, int TrainIndex, int TestIndex, ColumnSchema Train, ColumnSchema Test, CommonForm Form)
{
    public bool IsText => Form == CommonForm.Text;

    /// <summary>Gets the values of a batch.</summary>
    public Column In(DatasetPart part, DataBatch rows) => rows[part == DatasetPart.Train ? TrainIndex : TestIndex];

    /// <summary>Tells which rows have no value; NaN is none. <see langword="null"/> where every row has one.</summary>
    public static bool[]? FindMissing(Column column)
    {
        if (column.Width > 1 || !column.Type.IsFloatingPoint())
        {
            if (column.NullCount == 0) return null;
            var nulls = new bool[column.Length];
            for (var row = 0; row < nulls.Length; row++) nulls[row] = column.IsNull(row);
            return nulls;
        }

        var missing = Array.ConvertAll(ColumnNumbers.ToDoubles(column), double.IsNaN);
        return missing.AsSpan().Contains(true) ? missing : null;
    }
}

/// <summary>The columns that two datasets have in common, and those that they have not.</summary>
internal sealed record PairedColumns(IReadOnlyList<PairedColumn> Columns, IReadOnlyList<(string Name, string Reason)> Skipped)
{
    /// <summary>Pairs columns by name, in the order of the training set.</summary>
    /// <param name="subject">The datasets.</param>
    /// <param name="names">The columns; <see langword="null"/> for those that <paramref name="select"/> selects.</param>
    /// <param name="select">Selects columns of either dataset. A column counts by its role in the training set, where it has one.</param>
    /// <exception cref="EntityNotFoundException">A column that was named is in neither dataset.</exception>
    public static PairedColumns Create(ValidationSubject subject, IReadOnlyList<string>? names, Func<ColumnSchema, bool> select)
    {
        var (train, test) = (subject.Train.Schema, subject.Test!.Schema);
        if (names?.FirstOrDefault(name => !train.TryIndexOf(name, out _) && !test.TryIndexOf(name, out _)) is { } unknown)
            throw new EntityNotFoundException("column", unknown, $"Neither the training nor the test set has a column '{unknown}', which the check is to look at.");
        bool IsWanted(ColumnSchema column) => names is null ? select(column) : names.Contains(column.Name, StringComparer.Ordinal);

        var (paired, skipped) = (new List<PairedColumn>(), new List<(string, string)>());
        for (var i = 0; i < train.Count; i++)
        {
            if (!IsWanted(train[i])) continue;
            if (!test.TryIndexOf(train[i].Name, out var other)) skipped.Add((train[i].Name, "not in the test set"));
            else if (CommonForms.Find(train[i], test[other]) is { } form) paired.Add(new PairedColumn(train[i].Name, i, other, train[i], test[other], form));
            else skipped.Add((train[i].Name, $"{Describe(train[i])} in the training set, {Describe(test[other])} in the test set"));
        }

        skipped.AddRange(test.Where(column => !train.TryIndexOf(column.Name, out _) && IsWanted(column)).Select(column => (column.Name, "not in the training set")));
        return new PairedColumns(paired, skipped);
    }

    /// <summary>Describes the columns that could not be compared, if there are any.</summary>
    public CheckTable? ToTable() => Skipped.Count == 0 ? null : new CheckTable("Columns that were not compared", ["Column", "Reason"], [.. Skipped.Select(skipped => (IReadOnlyList<string>)[skipped.Name, skipped.Reason])]);

    public static string Describe(ColumnSchema column) => column.Width == 1 ? column.Type.ToString() : $"{column.Type} × {column.Width}";
}
