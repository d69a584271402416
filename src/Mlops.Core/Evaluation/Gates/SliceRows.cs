using Mlops.Validation;

namespace Mlops.Evaluation;

/// <summary>A value of a column by which rows are told apart, with the rows that have it.</summary>
/// <param name="Name">The slice, named by its value.</param>
/// <param name="Rows">The rows, ascending, from 0.</param>
/// <param name="IsMissing">Whether they are the rows without a value.</param>
/// <param name="IsMerged">Whether they have several values, which are one slice together as there are too many.</param>
internal sealed record SliceRows(string Name, int[] Rows, bool IsMissing, bool IsMerged)
{
    /// <summary>What to say of a slice of several values.</summary>
    public const string MergedNote = $"several values together, none judged by itself; raise {nameof(EvaluationOptions)}.{nameof(EvaluationOptions.MaximumSliceValues)}";

    /// <summary>Gets a figure that says that there are several values, and comes to a verdict at least.</summary>
    public ModelCheckFigure Mark(ModelCheckFigure figure, ValidationVerdict verdict) => !IsMerged ? figure : figure with
    {
        Verdict = figure.Verdict > verdict ? figure.Verdict : verdict,
        Note = figure.Note is null ? MergedNote : $"{figure.Note}; {MergedNote}",
    };

    /// <summary>Names the columns of which some slices are several values, for a reason; empty where there is none.</summary>
    public static string DescribeMerged(IEnumerable<(SliceColumn Column, SliceRows Slice)> slices)
        => string.Concat(slices.Where(slice => slice.Slice.IsMerged).Select(slice => slice.Column.Name).Distinct(StringComparer.Ordinal).Select(column => $"; '{column}' has a slice of {MergedNote}"));

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

            var rows = column.GroupRows();
            for (var code = SliceColumn.Missing; code < column.Values.Count; code++)
            {
                if (rows[code + 1].Length > 0) slices.Add((column, new SliceRows(GateText.Slice(column, code), rows[code + 1], code == SliceColumn.Missing, column.MergedCodes.Contains(code))));
            }
        }

        absent = null;
        return slices;
    }
}
