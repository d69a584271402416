using System.Globalization;
using System.Runtime.InteropServices;
using Mlops.Data;

namespace Mlops.Training;

/// <summary>The classes of a label column, in ascending order; a positive class that was chosen comes last.</summary>
internal sealed class ClassLabels
{
    private readonly Dictionary<string, int> _texts = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _lookup;
    private readonly Dictionary<long, int> _numbers = [];
    private readonly bool _isBoolean;

    private ClassLabels(ColumnSchema label, string[]? texts, long[]? numbers, Tally tally)
    {
        Label = label.Name;
        Texts = texts;
        Numbers = numbers;
        _isBoolean = label.Type == ElementType.Boolean;
        for (var i = 0; i < Count; i++)
        {
            if (texts is null) _numbers[numbers![i]] = i;
            else _texts[texts[i]] = i;
        }

        _lookup = _texts.GetAlternateLookup<ReadOnlySpan<char>>();
        var sums = texts is null ? numbers!.Select(number => tally.Numbers[number]) : texts.Select(text => tally.Texts[text]);
        Counts = [.. sums.Select(sum => sum.Rows)];
        Weights = [.. sums.Select(sum => sum.Weight)];
    }

    /// <summary>Gets the name of the label column.</summary>
    public string Label { get; }

    public string[]? Texts { get; }

    public long[]? Numbers { get; }

    /// <summary>Gets the classes as text.</summary>
    public string[] Names => Texts ?? Array.ConvertAll(Numbers!, number => number.ToString(CultureInfo.InvariantCulture));

    public int Count => Texts?.Length ?? Numbers!.Length;

    /// <summary>Gets the number of rows of each class, those of weight 0 left out.</summary>
    public long[] Counts { get; }

    /// <summary>Gets the sum of the weights of each class.</summary>
    public double[] Weights { get; }

    /// <summary>Reads the classes of the rows that have a label and a weight above 0.</summary>
    public static async Task<ClassLabels> ReadAsync(IDataset dataset, string? positiveClass, CancellationToken cancellationToken)
    {
        var label = dataset.Schema.Single(ColumnRole.Label);
        if (label.Width != 1 || label.Type is ElementType.Date or ElementType.Timestamp)
            throw NoClasses(dataset, label);
        var weights = new RowWeights(dataset);
        var tally = new Tally();
        long rows = 0;
        string[] columns = weights.Column is null ? [label.Name] : [label.Name, weights.Column];
        await foreach (var batch in dataset.ReadAsync(new ReadOptions { Columns = columns }, cancellationToken).ConfigureAwait(false))
        {
            rows += batch.RowCount;
            if (!tally.TryAdd(batch[0], weights.Read(batch))) throw NoClasses(dataset, label);
            cancellationToken.ThrowIfCancellationRequested();
        }

        if (rows == 0) throw NoRows.In(dataset);
        var count = tally.Texts.Count + tally.Numbers.Count;
        if (count == 0) throw LabelColumn.NoLabel(dataset, label.Name);
        if (count < 2)
            throw new DataFormatException(dataset.Name, 0, label.Name, "Every label has the same value; a classifier needs at least two classes.");
        if (label.Type == ElementType.String)
            return new ClassLabels(label, Order([.. tally.Texts.Keys.Order(StringComparer.Ordinal)], positiveClass, dataset, label), null, tally);
        return new ClassLabels(label, null, Order([.. tally.Numbers.Keys.Order()], positiveClass, dataset, label), tally);
    }

    /// <summary>The number of each row's class, shape (rows); NaN where a row has no label, or one of a class that no row that counts has.</summary>
    public double[] NumbersOf(Column column)
    {
        var numbers = new double[column.Length];
        if (column is TextColumn text)
        {
            for (var row = 0; row < numbers.Length; row++) numbers[row] = text.GetString(row) is { } value && _lookup.TryGetValue(value, out var index) ? index : double.NaN;
            return numbers;
        }

        var (keys, isMissing) = Tally.Keys(column);
        for (var row = 0; row < numbers.Length; row++) numbers[row] = !column.IsNull(row) && (isMissing.Length == 0 || !isMissing[row]) && _numbers.TryGetValue(keys[row], out var index) ? index : double.NaN;
        return numbers;
    }

    /// <summary>Finds a class by its name; of a boolean label <c>true</c> is <c>1</c>.</summary>
    /// <returns>The position; −1 where there is none.</returns>
    public int FindIndex(string name) => FindIndex(Names, name, _isBoolean);

    /// <summary>Tells how many classes there are and which one may have been meant, for messages; the label's values are not told.</summary>
    public string Describe(string name) => Describe(Names, name);

    private static T[] Order<T>(T[] classes, string? positiveClass, IDataset dataset, ColumnSchema label)
    {
        if (positiveClass is null) return classes;
        var names = Array.ConvertAll(classes, value => Convert.ToString(value, CultureInfo.InvariantCulture)!);
        var index = FindIndex(names, positiveClass, label.Type == ElementType.Boolean);
        if (index < 0)
            throw new DataFormatException(dataset.Name, 0, label.Name, $"No label is the positive class '{positiveClass}'. {Describe(names, positiveClass)}");
        return [.. classes[..index], .. classes[(index + 1)..], classes[index]];
    }

    private static int FindIndex(string[] names, string name, bool isBoolean)
        => Array.IndexOf(names, isBoolean && bool.TryParse(name, out var flag) ? (flag ? "1" : "0") : name);

    private static string Describe(string[] names, string name)
        => string.Create(CultureInfo.InvariantCulture, $"The label has {names.Length} classes.{(NearestName.Find(name, names) is { } nearest ? $" Did you mean '{nearest}'?" : "")}");

    private static DataFormatException NoClasses(IDataset dataset, ColumnSchema label) => new(dataset.Name, 0, label.Name, label is { Type: ElementType.UInt64, Width: 1 }
        ? "A label is above 9223372036854775807, the largest whole number that names a class. Cast the label to text, or number the classes anew."
        : $"The label is {label.Type}{(label.Type.IsFloatingPoint() ? " with fractions" : "")}; a classifier needs a text, a boolean or a whole number in each row. Cast or bin the label, or train a regression.");

    /// <summary>Counts the rows of each class.</summary>
    private sealed class Tally
    {
        /// <summary>Stands for a label that is no whole number, or too large a one.</summary>
        public const long Fraction = long.MinValue;

        /// <summary>Up to here every whole number is exact in 64-bit floating point: 2⁵³.</summary>
        private const double MostExact = 9_007_199_254_740_992;

        public Dictionary<string, (long Rows, double Weight)> Texts { get; } = new(StringComparer.Ordinal);

        public Dictionary<long, (long Rows, double Weight)> Numbers { get; } = [];

        /// <summary>Counts rows.</summary>
        /// <returns><see langword="false"/> where a label is a fraction, or a whole number beyond those of <see cref="long"/>.</returns>
        public bool TryAdd(Column column, double[] weights)
        {
            var text = column as TextColumn;
            var (keys, isMissing) = text is null ? Keys(column) : ([], []);
            for (var row = 0; row < column.Length; row++)
            {
                if (column.IsNull(row) || !(weights[row] > 0) || (isMissing.Length > 0 && isMissing[row])) continue;
                if (isMissing.Length > 0 && keys[row] == Fraction) return false;
                ref var sum = ref text is null
                    ? ref CollectionsMarshal.GetValueRefOrAddDefault(Numbers, keys[row], out _)
                    : ref CollectionsMarshal.GetValueRefOrAddDefault(Texts, text.GetString(row)!, out _);
                sum = (sum.Rows + 1, sum.Weight + weights[row]);
            }

            return true;
        }

        /// <summary>The labels as whole numbers, <see cref="Fraction"/> for one that is none, and whether each is missing; empty where only nulls are.</summary>
        public static (long[] Keys, bool[] IsMissing) Keys(Column column)
        {
            bool[] isMissing = [];
            var keys = new long[column.Length];
            switch (column)
            {
                case Column<long> typed: typed.Values.CopyTo(keys); break;
                case Column<bool> typed:
                    for (var row = 0; row < keys.Length; row++) keys[row] = typed.Values[row] ? 1 : 0;
                    break;
                case Column<ulong> typed:
                    isMissing = new bool[keys.Length];
                    for (var row = 0; row < keys.Length; row++)
                    {
                        isMissing[row] = column.IsNull(row);
                        keys[row] = isMissing[row] ? 0 : typed.Values[row] <= long.MaxValue ? (long)typed.Values[row] : Fraction;
                    }

                    break;
                default:
                    // Whole numbers of up to 32 bits are exact in 64-bit floating point.
                    var numbers = ColumnNumbers.ToDoubles(column);
                    isMissing = Array.ConvertAll(numbers, double.IsNaN);
                    for (var row = 0; row < keys.Length; row++) keys[row] = isMissing[row] ? 0 : Math.Floor(numbers[row]) == numbers[row] && Math.Abs(numbers[row]) <= MostExact ? (long)numbers[row] : Fraction;
                    break;
            }

            return (keys, isMissing);
        }
    }
}
