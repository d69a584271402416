using Mlops.Data;

namespace Mlops.Profiles;

/// <summary>How much each column says about the label: the mutual information, estimated from a sample of the rows.</summary>
/// <remarks>
/// Numbers are put into bins of equal counts, at most 16 and at least 25 rows each; texts and truth values are taken as they are, the rarest of more than 64 together. The estimate from
/// the table of counts is corrected for its bias (G. Miller, 1955). A missing value is a value like any other. Not safe for concurrent changes.
/// </remarks>
public sealed class LabelInformation
{
    private const int MostBins = 16;
    private const int MostCategories = 64;
    private const int RowsPerBin = 25;

    private readonly (string Name, bool IsNumeric)[] _columns;
    private readonly RowSample _sample;
    private double[][] _values = [];
    private double[]? _information;

    internal LabelInformation((string Name, bool IsNumeric)[] columns, int capacity, ulong seed)
    {
        _columns = columns;
        _sample = new RowSample(columns.Length, capacity, seed);
    }

    /// <summary>Gets the name of the label.</summary>
    public string Label => _columns[0].Name;

    /// <summary>Gets the names of the columns.</summary>
    public IReadOnlyList<string> Columns => [.. _columns.Skip(1).Select(column => column.Name)];

    internal ReadOnlySpan<(string Name, bool IsNumeric)> Schema => _columns;

    internal RowSample Sample => _sample;

    /// <summary>Gets the mutual information of a column and the label.</summary>
    /// <param name="column">The column.</param>
    /// <returns>The information in nats, ≥ 0; NaN when there are fewer than 100 rows.</returns>
    /// <exception cref="EntityNotFoundException">There is no such column.</exception>
    public double this[string column]
    {
        get
        {
            var position = Array.FindIndex(_columns, 1, candidate => candidate.Name == column);
            if (position < 0) throw new EntityNotFoundException("column", column, $"There is no column '{column}' beside the label. The columns are: {string.Join(", ", Columns.Take(60))}.");
            return (_information ??= Estimate())[position];
        }
    }

    internal static LabelInformation? Create(DataSchema schema, DatasetProfileOptions options)
    {
        if (!schema.TrySingle(ColumnRole.Label, out var label) || label.Width != 1) return null;
        var columns = schema.Where(column => column.Width == 1 && column.Name != label.Name).Prepend(label);
        return new LabelInformation([.. columns.Select(column => (column.Name, column.Type is not (ElementType.String or ElementType.Boolean)))], options.SampleRows, options.Seed);
    }

    internal void Add(DataBatch batch)
    {
        _information = null;
        if (_values.Length == 0 || _values[0].Length < batch.RowCount) _values = [.. _columns.Select(_ => new double[batch.RowCount])];
        for (var i = 0; i < _columns.Length; i++)
        {
            if (batch[_columns[i].Name] is TextColumn texts) Encode(texts, _values[i]);
            else ColumnNumbers.CopyTo(batch[_columns[i].Name], 0, _values[i].AsSpan(0, batch.RowCount));
        }

        _sample.Add(_values, batch.RowCount);
    }

    internal void Merge(LabelInformation other)
    {
        CheckMerge(other);
        _information = null;
        _sample.Merge(other._sample);
    }

    internal void CheckMerge(LabelInformation other)
    {
        if (!_columns.AsSpan().SequenceEqual(other._columns)) throw new ArgumentException("The other profile has another label or other columns.", nameof(other));
        if ((_sample.Capacity, _sample.Seed) != (other._sample.Capacity, other._sample.Seed))
            throw new ArgumentException("The samples of the two profiles have another size or seed, and together would not be one sample; create both with the same options.", nameof(other));
    }

    /// <summary>A text is known by 52 bits of its hash, which a double holds exactly.</summary>
    private static void Encode(TextColumn column, Span<double> target)
    {
        for (var row = 0; row < column.Length; row++)
            target[row] = column.IsNull(row) ? double.NaN : MurmurHash3.Hash(column.GetUtf8(row)).First >> 12;
    }

    private double[] Estimate()
    {
        double[][] rows = [.. _sample.Rows.Select(item => item.Row)];
        var information = new double[_columns.Length];
        Array.Fill(information, double.NaN);
        if (rows.Length < 100) return information;
        var (label, labels) = Assign(rows, 0);
        for (var i = 1; i < _columns.Length; i++)
        {
            var (column, count) = Assign(rows, i);
            information[i] = Measure(column, count, label, labels);
        }

        return information;
    }

    /// <summary>Gives each row the number of its bin or category.</summary>
    private (int[] Bins, int Count) Assign(double[][] rows, int column)
    {
        double[] values = [.. rows.Select(row => row[column])];
        if (!_columns[column].IsNumeric || values.Distinct().Take(MostBins + 1).Count() <= MostBins)
        {
            var numbers = values.GroupBy(value => value).OrderByDescending(group => group.Count()).ThenBy(group => group.Key).Index()
                .ToDictionary(group => group.Item.Key, group => Math.Min(group.Index, MostCategories - 1));
            return ([.. values.Select(value => numbers[value])], Math.Min(numbers.Count, MostCategories));
        }

        double[] sorted = [.. values.Where(value => !double.IsNaN(value)).Order()];
        var bins = Math.Clamp(sorted.Length / RowsPerBin, 2, MostBins);
        double[] limits = [.. Enumerable.Range(1, bins - 1).Select(bin => sorted[(int)((long)bin * sorted.Length / bins)]).Distinct()];
        return ([.. values.Select(value => double.IsNaN(value) ? limits.Length + 1 : FindBin(limits, value))], limits.Length + 2);
    }

    private static int FindBin(double[] limits, double value)
    {
        var bin = 0;
        while (bin < limits.Length && value >= limits[bin]) bin++;
        return bin;
    }

    private static double Measure(int[] a, int countA, int[] b, int countB)
    {
        var table = new int[countA, countB];
        var (sumA, sumB) = (new int[countA], new int[countB]);
        for (var i = 0; i < a.Length; i++)
        {
            table[a[i], b[i]]++;
            sumA[a[i]]++;
            sumB[b[i]]++;
        }

        var (information, cells) = (0.0, 0);
        for (var i = 0; i < countA; i++)
        {
            for (var j = 0; j < countB; j++)
            {
                if (table[i, j] == 0) continue;
                cells++;
                information += (double)table[i, j] / a.Length * Math.Log((double)table[i, j] * a.Length / ((double)sumA[i] * sumB[j]));
            }
        }

        var bias = (cells - sumA.Count(sum => sum > 0) - sumB.Count(sum => sum > 0) + 1) / (2.0 * a.Length);
        return Math.Max(0, information - bias);
    }
}
