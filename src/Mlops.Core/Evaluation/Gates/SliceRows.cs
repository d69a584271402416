namespace Mlops.Evaluation;

/// <summary>A value of a column by which rows are told apart, with the rows that have it.</summary>
/// <param name="Name">The slice, named by its value.</param>
/// <param name="Rows">The rows, ascending, from 0.</param>
/// <param name="IsMissing">Whether they are the rows without a value.</param>
internal sealed record SliceRows(string Name, int[] Rows, bool IsMissing)
{
    /// <summary>Gets the slices of columns, those without a value included; values that no row has are left out.</summary>
    /// <param name="data">The data.</param>
    /// <param name="columns">The names of the columns.</param>
    /// <param name="absent">Receives a column that the data do not have, with what to do; <see langword="null"/> where all are there.</param>
    public static IReadOnlyList<(SliceColumn Column, SliceRows Slice)> Of(EvaluationData data, IReadOnlyList<string> columns, out string? absent)
    {
        var slices = new List<(SliceColumn, SliceRows)>();
        foreach (var name in columns)
        {
            if (data.SliceColumns.FirstOrDefault(column => column.Name == name) is not { } column)
            {
                var known = data.SliceColumns.Count == 0 ? "there are none" : $"there are {string.Join(", ", data.SliceColumns.Select(known => $"'{known.Name}'"))}";
                absent = $"the candidate's outcomes have no slice column '{name}' ({known}); give it in {nameof(EvaluationData)}.{nameof(EvaluationData.SliceColumns)}";
                return [];
            }

            // One pass for all values: a column may have thousands.
            var rows = new List<int>[column.Values.Count + 1];
            for (var row = 0; row < column.RowCount; row++) (rows[column.Codes[row] + 1] ??= []).Add(row);
            for (var code = SliceColumn.Missing; code < column.Values.Count; code++)
            {
                if (rows[code + 1] is { } found) slices.Add((column, new SliceRows(GateText.Slice(column, code), [.. found], code == SliceColumn.Missing)));
            }
        }

        absent = null;
        return slices;
    }
}
