using Mlops.Data;

namespace Mlops.Validation;

/// <summary>Judges texts one by one; a text of a dictionary is judged once for all its rows.</summary>
internal abstract class TextScan<TConstraint>(TConstraint constraint, ColumnSchema column, int rowsShown) : ConstraintScan<TConstraint>(constraint, column, rowsShown)
    where TConstraint : ColumnConstraint
{
    private bool[] _isRight = [];
    private bool[] _isUsed = [];

    public override void Add(ColumnView view)
    {
        var texts = (TextColumn)view.Column;
        Judged += texts.Length - texts.NullCount;
        // A slice can have fewer rows than its dictionary has texts.
        if (texts.IsDictionaryEncoded && texts.EntryCount <= texts.Length) AddEntries(texts, view.FirstRow);
        else AddRows(texts, view.FirstRow);
    }

    /// <summary>Tells whether a text is as it should be.</summary>
    protected abstract bool IsRight(ReadOnlySpan<byte> utf8);

    private void AddEntries(TextColumn texts, long firstRow)
    {
        if (_isRight.Length < texts.EntryCount) (_isRight, _isUsed) = (new bool[texts.EntryCount], new bool[texts.EntryCount]);
        // A text that no row has, as after a filter, is not judged.
        Array.Clear(_isUsed);
        var codes = texts.Codes;
        for (var row = 0; row < codes.Length; row++) _isUsed[codes[row]] |= !texts.IsNull(row);
        var isEveryRight = true;
        for (var entry = 0; entry < texts.EntryCount; entry++)
        {
            _isRight[entry] = !_isUsed[entry] || IsRight(texts.GetEntryUtf8(entry));
            isEveryRight &= _isRight[entry];
        }

        if (isEveryRight) return;
        for (var row = 0; row < codes.Length; row++)
        {
            if (!_isRight[codes[row]] && !texts.IsNull(row)) Violate(firstRow + row);
        }
    }

    private void AddRows(TextColumn texts, long firstRow)
    {
        if (texts.TryGetContiguous(out var bytes, out var offsets))
        {
            var start = offsets[0];
            for (var row = 0; row < texts.Length; row++)
            {
                if (!IsRight(bytes[(offsets[row] - start)..(offsets[row + 1] - start)])) Violate(firstRow + row);
            }

            return;
        }

        for (var row = 0; row < texts.Length; row++)
        {
            if (!texts.IsNull(row) && !IsRight(texts.GetUtf8(row))) Violate(firstRow + row);
        }
    }
}
