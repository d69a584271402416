using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Mlops.Data;

/// <summary>Numbers different keys – the values of some columns – in the order of their first occurrence. Not safe for concurrent use.</summary>
internal sealed class RowKeys
{
    /// <summary>The number of a row whose key is missing, or was never added.</summary>
    public const int None = -1;

    private readonly bool _areNullsValues;
    private readonly Dictionary<ulong, int>? _numbers;
    private readonly Utf8Dictionary _texts = new();
    private readonly bool _isText;
    private byte[] _bytes = [];
    private int[] _ends = [];

    /// <summary>Creates an empty numbering.</summary>
    /// <param name="columns">The columns that make up a key; none makes one key of all rows.</param>
    /// <param name="areNullsValues">Whether a missing value is a value like any other; otherwise a row that misses one has no key.</param>
    public RowKeys(IReadOnlyList<ColumnSchema> columns, bool areNullsValues)
    {
        _areNullsValues = areNullsValues;
        _isText = columns is [{ Type: ElementType.String }] && !areNullsValues;
        if (columns is [{ Width: 1 } only] && OrderedBits.CanRead(only.Type) && !areNullsValues) _numbers = [];
    }

    /// <summary>Gets the number of different keys.</summary>
    public int Count => _numbers?.Count ?? _texts.Count;

    /// <summary>Numbers rows, giving new keys new numbers.</summary>
    /// <param name="keys">The columns of the keys.</param>
    /// <param name="target">Receives the number of each row's key; <see cref="None"/> where it has none.</param>
    public void Add(DataBatch keys, Span<int> target) => Number(keys, target, isAdding: true);

    /// <summary>Finds the numbers of rows.</summary>
    /// <param name="keys">The columns of the keys.</param>
    /// <param name="target">Receives the number of each row's key; <see cref="None"/> where it has none.</param>
    public void Find(DataBatch keys, Span<int> target) => Number(keys, target, isAdding: false);

    private void Number(DataBatch keys, Span<int> target, bool isAdding)
    {
        if (_numbers is not null) NumberValues(keys[0], _numbers, target, isAdding);
        else if (_isText) NumberTexts((TextColumn)keys[0], target, isAdding);
        else NumberRows(keys, target, isAdding);
    }

    private static void NumberValues(Column column, Dictionary<ulong, int> numbers, Span<int> target, bool isAdding)
    {
        var bits = OrderedBits.Read(column);
        for (var row = 0; row < target.Length; row++)
        {
            if (column.IsNull(row))
            {
                target[row] = None;
            }
            else if (isAdding)
            {
                ref var number = ref CollectionsMarshal.GetValueRefOrAddDefault(numbers, bits[row], out var isKnown);
                if (!isKnown) number = numbers.Count - 1;
                target[row] = number;
            }
            else
            {
                target[row] = numbers.GetValueOrDefault(bits[row], None);
            }
        }
    }

    private void NumberTexts(TextColumn column, Span<int> target, bool isAdding)
    {
        // A text of a dictionary is looked up once; numbers are kept plus 1.
        var known = new int[column.IsDictionaryEncoded && column.EntryCount <= column.Length ? column.EntryCount : 0];
        for (var row = 0; row < target.Length; row++)
        {
            if (column.IsNull(row))
            {
                target[row] = None;
            }
            else if (known.Length == 0)
            {
                target[row] = Number(column.GetUtf8(row), isAdding);
            }
            else
            {
                ref var number = ref known[column.Codes[row]];
                if (number == 0) number = Number(column.GetUtf8(row), isAdding) + 1;
                target[row] = number - 1;
            }
        }
    }

    private void NumberRows(DataBatch keys, Span<int> target, bool isAdding)
    {
        WriteRows(keys, target.Length);
        var start = 0;
        for (var row = 0; row < target.Length; row++)
        {
            target[row] = !_areNullsValues && IsMissing(keys, row) ? None : Number(_bytes.AsSpan(start.._ends[row]), isAdding);
            start = _ends[row];
        }
    }

    private int Number(ReadOnlySpan<byte> key, bool isAdding)
    {
        if (!isAdding) return _texts.Find(key);
        if ((long)_texts.ByteCount + key.Length > Array.MaxLength)
            throw new InvalidOperationException("The different keys take more than 2 GiB, the most that can be held in memory. Use fewer or shorter key columns.");
        return _texts.GetOrAdd(key);
    }

    // A row is for each column: whether there is a value, and the value; texts with their length.
    private void WriteRows(DataBatch keys, int rows)
    {
        var fixedBytes = keys.Schema.Sum(column => 1 + (column.Type == ElementType.String ? sizeof(int) : column.Width * sizeof(ulong)));
        if (_ends.Length < rows) _ends = new int[rows];
        var end = 0;
        for (var row = 0; row < rows; row++)
        {
            _ends[row] = end;
            end = checked(end + fixedBytes);
            for (var i = 0; i < keys.Schema.Count; i++)
            {
                if (keys[i] is TextColumn text) end = checked(end + text.GetUtf8(row).Length);
            }
        }

        if (_bytes.Length < end) _bytes = new byte[end];
        // Each column is written at the rows' cursors, which end at the rows' ends.
        for (var i = 0; i < keys.Schema.Count; i++)
        {
            if (keys[i] is TextColumn text) WriteTexts(text);
            else WriteValues(keys[i]);
        }
    }

    private void WriteTexts(TextColumn column)
    {
        for (var row = 0; row < column.Length; row++)
        {
            var text = column.GetUtf8(row);
            var target = _bytes.AsSpan(_ends[row]);
            target[0] = column.IsNull(row) ? (byte)0 : (byte)1;
            BinaryPrimitives.WriteInt32LittleEndian(target[1..], text.Length);
            text.CopyTo(target[(1 + sizeof(int))..]);
            _ends[row] += 1 + sizeof(int) + text.Length;
        }
    }

    private void WriteValues(Column column)
    {
        var bits = OrderedBits.Read(column);
        for (var row = 0; row < column.Length; row++)
        {
            var target = _bytes.AsSpan(_ends[row]);
            target[0] = column.IsNull(row) ? (byte)0 : (byte)1;
            MemoryMarshal.AsBytes(bits.AsSpan(row * column.Width, column.Width)).CopyTo(target[1..]);
            _ends[row] += 1 + (column.Width * sizeof(ulong));
        }
    }

    private static bool IsMissing(DataBatch keys, int row)
    {
        for (var i = 0; i < keys.Schema.Count; i++)
        {
            if (keys[i].IsNull(row)) return true;
        }

        return false;
    }
}
