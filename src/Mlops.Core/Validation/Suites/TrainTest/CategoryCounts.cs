using System.Globalization;
using System.Text;
using Mlops.Data;

namespace Mlops.Validation;

/// <summary>Counts the values of a column in both datasets, exactly, as long as there are not too many different ones.</summary>
internal sealed class CategoryCounts(PairedColumn column, int capacity)
{
    /// <summary>So few different values are categories however few rows there are.</summary>
    private const int FewValues = 10;

    private readonly Utf8Dictionary _values = new();
    private readonly Dictionary<ulong, int> _numbers = [];
    private readonly List<long>[] _counts = [[], []];
    private readonly long[] _present = new long[2];

    /// <summary>Gets the column.</summary>
    public PairedColumn Column => column;

    /// <summary>Gets whether the training set has more different values than are counted.</summary>
    public bool IsFull { get; private set; }

    /// <summary>Gets the number of different values of the training set, of those that were counted.</summary>
    public int TrainValueCount { get; private set; }

    /// <summary>Gets the number of different values of both datasets that were counted one by one.</summary>
    public int ValueCount => _values.Count;

    /// <summary>Gets the number of test rows whose values are in no training row, and too many to be counted one by one.</summary>
    public long OtherTestRows { get; private set; }

    /// <summary>Gets whether the values are categories: few, or each occurring twice on average in the training set.</summary>
    public bool IsCategorical => !IsFull && (TrainValueCount <= FewValues || TrainValueCount * 2L <= _present[0]);

    /// <summary>Gets the number of rows that have a value.</summary>
    public long GetPresent(DatasetPart part) => _present[(int)part];

    /// <summary>Gets how often a value occurs.</summary>
    public long GetCount(DatasetPart part, int value) => value < _counts[(int)part].Count ? _counts[(int)part][value] : 0;

    /// <summary>Gets a value as text, cut to 40 characters. For results only where a check's option allows it.</summary>
    public string GetText(int value)
    {
        const int Longest = 40;
        var text = Encoding.UTF8.GetString(_values[value]);
        return text.Length <= Longest ? text : $"{text.AsSpan(0, Longest)}…";
    }

    /// <summary>Gets how often each value occurs in each dataset; last, where there are such, the test rows that were not counted one by one.</summary>
    public (long Train, long Test)[] GetTable()
    {
        var table = new List<(long, long)>(ValueCount + 1);
        for (var value = 0; value < ValueCount; value++) table.Add((GetCount(DatasetPart.Train, value), GetCount(DatasetPart.Test, value)));
        if (OtherTestRows > 0) table.Add((0, OtherTestRows));
        return [.. table];
    }

    /// <summary>Adds rows.</summary>
    public void Add(DatasetPart part, DataBatch rows)
    {
        var values = column.In(part, rows);
        var missing = PairedColumn.FindMissing(values);
        _present[(int)part] += values.Length - (missing?.AsSpan().Count(true) ?? 0);
        if (IsFull) return;
        if (values is TextColumn texts) TextEntries.Visit(texts, (utf8, times) => Add(part, utf8, times));
        else AddNumbers(part, values, missing);
        if (part == DatasetPart.Train) TrainValueCount = _values.Count;
        if (part != DatasetPart.Train || _values.Count <= capacity) return;
        IsFull = true;
        _values.Clear();
        _numbers.Clear();
        foreach (var counts in _counts) counts.Clear();
    }

    private void AddNumbers(DatasetPart part, Column values, bool[]? missing)
    {
        var bits = CommonForms.ReadBits(values, column.Form);
        for (var row = 0; row < bits.Length; row++)
        {
            if (missing is not null && missing[row]) continue;
            if (_numbers.TryGetValue(bits[row], out var value))
            {
                Count(part, value, 1);
                continue;
            }

            var text = Convert.ToString(values.GetValue(row), CultureInfo.InvariantCulture)!;
            // Equal values of different types have equal bits, and the first one's text.
            value = Add(part, Encoding.UTF8.GetBytes(text), 1);
            if (value >= 0) _numbers.Add(bits[row], value);
        }
    }

    private int Add(DatasetPart part, ReadOnlySpan<byte> utf8, long times)
    {
        // What the test set adds is bounded as well.
        var isFull = part == DatasetPart.Test && _values.Count >= TrainValueCount + capacity;
        var value = isFull ? _values.Find(utf8) : _values.GetOrAdd(utf8);
        if (value < 0) OtherTestRows += times;
        else Count(part, value, times);
        return value;
    }

    private void Count(DatasetPart part, int value, long times)
    {
        var counts = _counts[(int)part];
        while (counts.Count <= value) counts.Add(0);
        counts[value] += times;
    }
}
