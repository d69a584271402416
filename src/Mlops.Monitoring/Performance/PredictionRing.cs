namespace Mlops.Monitoring;

/// <summary>The latest predicted rows, column by column, in arrays that are written over from the oldest on. Not safe for concurrent use.</summary>
/// <remarks>Rows have sequence numbers in the order of arrival. The arrays double until they have the capacity; from then on nothing is allocated.</remarks>
internal sealed class PredictionRing(int capacity)
{
    private const int InitialSize = 1024;

    private readonly List<InputColumn> _columns = [];
    private readonly Dictionary<string, int> _ordinals = new(StringComparer.Ordinal);
    private Guid[] _ids = new Guid[Math.Min(InitialSize, capacity)];
    private int[] _rows = new int[Math.Min(InitialSize, capacity)];
    private int[] _versions = new int[Math.Min(InitialSize, capacity)];
    private long[] _ticks = new long[Math.Min(InitialSize, capacity)];
    private double[] _predictions = new double[Math.Min(InitialSize, capacity)];
    private double[] _labels = new double[Math.Min(InitialSize, capacity)];

    /// <summary>Gets the sequence number of the oldest row.</summary>
    public long First { get; private set; }

    /// <summary>Gets the sequence number of the next row.</summary>
    public long Next { get; private set; }

    public int ColumnCount => _columns.Count;

    public bool IsFull => Next - First == capacity;

    /// <summary>Makes room for a row whose inputs are all missing.</summary>
    public long Append(Guid id, int row, DateTimeOffset at, double prediction, int version)
    {
        if (Next - First == _ids.Length && _ids.Length < capacity) Grow();
        if (IsFull) First++;
        var sequence = Next++;
        var index = IndexOf(sequence);
        _ids[index] = id;
        _rows[index] = row;
        _versions[index] = version;
        _ticks[index] = at.UtcTicks;
        _predictions[index] = prediction;
        _labels[index] = double.NaN;
        foreach (var column in _columns) column.Clear(index);
        return sequence;
    }

    public void RemoveOldest() => First++;

    public Guid IdOf(long sequence) => _ids[IndexOf(sequence)];

    public int RowOf(long sequence) => _rows[IndexOf(sequence)];

    public int VersionOf(long sequence) => _versions[IndexOf(sequence)];

    public long TicksOf(long sequence) => _ticks[IndexOf(sequence)];

    public double PredictionOf(long sequence) => _predictions[IndexOf(sequence)];

    public ref double LabelOf(long sequence) => ref _labels[IndexOf(sequence)];

    public void SetNumber(long sequence, int column, double value) => _columns[column].Numbers![IndexOf(sequence)] = value;

    public void SetText(long sequence, int column, string? value) => _columns[column].Texts![IndexOf(sequence)] = string.IsNullOrEmpty(value) ? null : value;

    /// <summary>Gets the position of a column, which is added, missing in all rows, when it is new.</summary>
    /// <returns>The position; −1 when there is a column of that name and the other kind.</returns>
    public int GetOrAddColumn(string name, bool isText)
    {
        if (_ordinals.TryGetValue(name, out var ordinal)) return _columns[ordinal].IsText == isText ? ordinal : -1;
        _columns.Add(new InputColumn(isText, _ids.Length));
        _ordinals.Add(name, _columns.Count - 1);
        return _columns.Count - 1;
    }

    public InputColumn? FindColumn(string name) => _ordinals.TryGetValue(name, out var ordinal) ? _columns[ordinal] : null;

    public int IndexOf(long sequence) => (int)(sequence % _ids.Length);

    private void Grow()
    {
        var size = (int)Math.Min(capacity, 2L * _ids.Length);
        _ids = Move(_ids, size);
        _rows = Move(_rows, size);
        _versions = Move(_versions, size);
        _ticks = Move(_ticks, size);
        _predictions = Move(_predictions, size);
        _labels = Move(_labels, size);
        foreach (var column in _columns)
        {
            if (column.Numbers is not null) column.Numbers = Move(column.Numbers, size);
            if (column.Texts is not null) column.Texts = Move(column.Texts, size);
        }
    }

    private T[] Move<T>(T[] source, int size)
    {
        var target = new T[size];
        for (var sequence = First; sequence < Next; sequence++) target[sequence % size] = source[sequence % source.Length];
        return target;
    }

    /// <summary>The values of one input column; NaN or <see langword="null"/> where a row has none.</summary>
    internal sealed class InputColumn
    {
        public InputColumn(bool isText, int size)
        {
            if (isText)
            {
                Texts = new string?[size];
            }
            else
            {
                Numbers = new double[size];
                Array.Fill(Numbers, double.NaN);
            }
        }

        public double[]? Numbers { get; set; }

        public string?[]? Texts { get; set; }

        public bool IsText => Texts is not null;

        public void Clear(int index)
        {
            if (Texts is not null) Texts[index] = null;
            else Numbers![index] = double.NaN;
        }
    }
}
