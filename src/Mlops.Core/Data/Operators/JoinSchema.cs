namespace Mlops.Data;

/// <summary>The columns of two datasets side by side: all of the left one, and those of the right one that both do not share as keys.</summary>
internal sealed class JoinSchema
{
    private readonly Dictionary<string, string> _rightNames = new(StringComparer.Ordinal);

    /// <summary>Puts the columns side by side.</summary>
    /// <param name="left">The left dataset.</param>
    /// <param name="right">The right dataset.</param>
    /// <param name="shared">The columns of both that a match makes equal, which are taken from the left.</param>
    /// <param name="suffix">What is appended to the name of a right column that the left has too; <see langword="null"/> to refuse it.</param>
    /// <param name="isRightOptional">Whether a row may lack a match.</param>
    /// <param name="matched">A shared column that is delivered from the right too, and its name there; <see langword="null"/> for none.</param>
    /// <exception cref="EntityNotFoundException">A shared column does not exist on one side.</exception>
    /// <exception cref="ArgumentException">A shared column has other types on both sides, or a name is taken.</exception>
    public JoinSchema(IDataset left, IDataset right, IReadOnlyList<string> shared, string? suffix, bool isRightOptional, (string Column, string Name)? matched = null)
    {
        foreach (var name in shared) RequireSameType(left, right, name);
        var columns = left.Schema.ToList();
        foreach (var column in right.Schema)
        {
            var name = column.Name;
            if (shared.Contains(name, StringComparer.Ordinal))
            {
                if (matched?.Column != name) continue;
                name = matched.Value.Name;
            }
            else if (left.Schema.TryIndexOf(name, out _))
            {
                name = suffix is null ? name : name + suffix;
            }

            if (columns.Any(other => other.Name == name))
            {
                throw new ArgumentException(
                    $"Both '{left.Name}' and '{right.Name}' would give the joined rows a column '{name}'. Name a suffix for the right one's, or rename or drop one of them first.", nameof(right));
            }

            columns.Add(column with { Name = name, IsNullable = column.IsNullable || isRightOptional });
            _rightNames.Add(name, column.Name);
        }

        Schema = new DataSchema(columns);
    }

    /// <summary>Gets the columns side by side.</summary>
    public DataSchema Schema { get; }

    /// <summary>Prepares the read of the left dataset.</summary>
    public JoinSide LeftOf(IDataset left, DataSchema wanted, IReadOnlyList<string> keys)
    {
        var columns = wanted.Index().Where(column => !_rightNames.ContainsKey(column.Item.Name)).ToArray();
        return new JoinSide(left, [.. columns.Select(column => column.Item.Name)], [.. columns.Select(column => column.Index)], keys);
    }

    /// <summary>Prepares the read of the right dataset.</summary>
    public JoinSide RightOf(IDataset right, DataSchema wanted, IReadOnlyList<string> keys)
    {
        var columns = wanted.Index().Where(column => _rightNames.ContainsKey(column.Item.Name)).ToArray();
        return new JoinSide(right, [.. columns.Select(column => _rightNames[column.Item.Name])], [.. columns.Select(column => column.Index)], keys);
    }

    /// <summary>Puts rows side by side.</summary>
    /// <param name="wanted">The columns to deliver.</param>
    /// <param name="left">The left side's read.</param>
    /// <param name="leftBatch">A batch of it.</param>
    /// <param name="leftRows">Its rows; all in their order when empty.</param>
    /// <param name="right">The right side's read.</param>
    /// <param name="rightTable">All rows of it, in the wanted columns only.</param>
    /// <param name="rightRows">The row that matches each left one; -1 for none.</param>
    public static DataBatch Combine(DataSchema wanted, JoinSide left, DataBatch leftBatch, ReadOnlySpan<int> leftRows, JoinSide right, DataBatch rightTable, ReadOnlySpan<int> rightRows)
    {
        var columns = new Column[wanted.Count];
        var leftColumns = left.ToWanted.Apply(leftBatch);
        var isWhole = IsWhole(leftRows, leftBatch.RowCount);
        for (var i = 0; i < left.Places.Length; i++) columns[left.Places[i]] = isWhole ? leftColumns[i] : leftColumns[i].Take(leftRows);
        for (var i = 0; i < right.Places.Length; i++) columns[right.Places[i]] = rightTable[i].TakeOrNull(rightRows);
        return new DataBatch(wanted, columns);
    }

    private static bool IsWhole(ReadOnlySpan<int> rows, int count)
    {
        if (rows.IsEmpty) return true;
        if (rows.Length != count) return false;
        for (var i = 0; i < rows.Length; i++)
        {
            if (rows[i] != i) return false;
        }

        return true;
    }

    private static void RequireSameType(IDataset left, IDataset right, string name)
    {
        var (onLeft, onRight) = (left.Schema[name], right.Schema[name]);
        if (onLeft.Type != onRight.Type || onLeft.Width != onRight.Width)
        {
            throw new ArgumentException(
                $"Column '{name}' is {onLeft.Type} × {onLeft.Width} in '{left.Name}' but {onRight.Type} × {onRight.Width} in '{right.Name}'; cast one of them, so that both can be compared.", nameof(right));
        }
    }
}
