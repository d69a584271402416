using Mlops.Data;

namespace Mlops.Training;

/// <summary>The classes of a label column, in ascending order.</summary>
internal sealed class ClassLabels
{
    private readonly Dictionary<object, int> _numbers = [];

    private ClassLabels(string[]? texts, long[]? numbers)
    {
        Texts = texts;
        Numbers = numbers;
        for (var i = 0; i < Count; i++) _numbers[texts is null ? numbers![i] : texts[i]] = i;
    }

    public string[]? Texts { get; }

    public long[]? Numbers { get; }

    public int Count => Texts?.Length ?? Numbers!.Length;

    public static async Task<ClassLabels> ReadAsync(IDataset dataset, CancellationToken cancellationToken)
    {
        var label = dataset.Schema.Single(ColumnRole.Label);
        if (label.Width != 1 || label.Type.IsFloatingPoint() || label.Type is ElementType.Date or ElementType.Timestamp)
            throw new DataFormatException(dataset.Name, 0, label.Name, $"The label is {label.Type}; a classifier needs a text, a boolean or a whole number in each row.");
        var texts = new SortedSet<string>(StringComparer.Ordinal);
        var numbers = new SortedSet<long>();
        await foreach (var batch in dataset.ReadAsync(new ReadOptions { Columns = [label.Name] }, cancellationToken).ConfigureAwait(false))
        {
            for (var row = 0; row < batch.RowCount; row++)
            {
                if (KeyOf(batch[0], row) is string text) texts.Add(text);
                else if (KeyOf(batch[0], row) is long number) numbers.Add(number);
            }
        }

        var labels = label.Type == ElementType.String ? new ClassLabels([.. texts], null) : new ClassLabels(null, [.. numbers]);
        if (labels.Count < 2)
            throw new DataFormatException(dataset.Name, 0, label.Name, $"The label has {labels.Count} different values; a classifier needs at least two classes.");
        return labels;
    }

    /// <summary>The number of each row's class, shape (rows); NaN where a row has no label.</summary>
    public double[] NumbersOf(Column column)
    {
        var numbers = new double[column.Length];
        for (var row = 0; row < numbers.Length; row++) numbers[row] = KeyOf(column, row) is { } key ? _numbers[key] : double.NaN;
        return numbers;
    }

    private static object? KeyOf(Column column, int row)
    {
        if (column.IsNull(row)) return null;
        return column switch
        {
            TextColumn text => text.GetString(row),
            Column<bool> flags => flags.Values[row] ? 1L : 0L,
            _ => Convert.ToInt64(column.GetValue(row), System.Globalization.CultureInfo.InvariantCulture),
        };
    }
}
