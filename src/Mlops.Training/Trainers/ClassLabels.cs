using System.Globalization;
using Mlops.Data;

namespace Mlops.Training;

/// <summary>The classes of a label column, in ascending order; a positive class that was chosen comes last.</summary>
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

    /// <summary>Gets the classes as text.</summary>
    public string[] Names => Texts ?? Array.ConvertAll(Numbers!, number => number.ToString(CultureInfo.InvariantCulture));

    public int Count => Texts?.Length ?? Numbers!.Length;

    public static async Task<ClassLabels> ReadAsync(IDataset dataset, string? positiveClass, CancellationToken cancellationToken)
    {
        var label = dataset.Schema.Single(ColumnRole.Label);
        if (label.Width != 1 || label.Type.IsFloatingPoint() || label.Type is ElementType.Date or ElementType.Timestamp)
            throw new DataFormatException(dataset.Name, 0, label.Name, $"The label is {label.Type}; a classifier needs a text, a boolean or a whole number in each row.");
        long rows = 0;
        var texts = new SortedSet<string>(StringComparer.Ordinal);
        var numbers = new SortedSet<long>();
        await foreach (var batch in dataset.ReadAsync(new ReadOptions { Columns = [label.Name] }, cancellationToken).ConfigureAwait(false))
        {
            rows += batch.RowCount;
            for (var row = 0; row < batch.RowCount; row++)
            {
                if (KeyOf(batch[0], row) is string text) texts.Add(text);
                else if (KeyOf(batch[0], row) is long number) numbers.Add(number);
            }
        }

        if (rows == 0) throw NoRows.In(dataset);
        var count = texts.Count + numbers.Count;
        if (count < 2)
            throw new DataFormatException(dataset.Name, 0, label.Name, $"{(count == 0 ? "No row has a label" : "Every label has the same value")}; a classifier needs at least two classes.");
        if (label.Type == ElementType.String) return new ClassLabels(Order([.. texts], positiveClass, dataset, label.Name), null);
        var positive = label.Type != ElementType.Boolean || positiveClass is null ? positiveClass
            : bool.TryParse(positiveClass, out var flag) ? (flag ? "1" : "0") : positiveClass;
        return new ClassLabels(null, Order([.. numbers], positive, dataset, label.Name));
    }

    private static T[] Order<T>(T[] classes, string? positiveClass, IDataset dataset, string label)
    {
        if (positiveClass is null) return classes;
        var names = Array.ConvertAll(classes, value => Convert.ToString(value, CultureInfo.InvariantCulture)!);
        var index = Array.IndexOf(names, positiveClass);
        if (index < 0)
            throw new DataFormatException(dataset.Name, 0, label, $"No label is the positive class '{positiveClass}'. The classes are: {string.Join(", ", names.Take(20).Select(name => $"'{name}'"))}{(names.Length > 20 ? ", …" : "")}.");
        return [.. classes[..index], .. classes[(index + 1)..], classes[index]];
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
            _ => Convert.ToInt64(column.GetValue(row), CultureInfo.InvariantCulture),
        };
    }
}
