using Mlops.Data;

namespace Mlops.Validation;

/// <summary>Looks at how values follow each other. A row of the first half is compared with the value before it, of whichever half: the halves are interleaved, and rows that are neighbours in a half need not be so in the data.</summary>
internal sealed class OrderEvidence
{
    private ulong _lastBits;
    private byte[]? _lastText;
    private bool _hasLast;
    private bool _hasRise;
    private bool _hasFall;
    private bool _hasTie;

    /// <summary>Gets the number of rows that were compared.</summary>
    public long Compared { get; private set; }

    /// <summary>Gets the number of those that differ from the value before.</summary>
    public long Changes { get; private set; }

    /// <summary>Gets the order of all values; null where there is none.</summary>
    public MonotoneOrder? Order => (_hasRise, _hasFall) switch
    {
        (true, false) => _hasTie ? MonotoneOrder.Increasing : MonotoneOrder.StrictlyIncreasing,
        (false, true) => _hasTie ? MonotoneOrder.Decreasing : MonotoneOrder.StrictlyDecreasing,
        _ => null,
    };

    /// <summary>Adds all rows, of both halves.</summary>
    public void Add(Column column, ReadOnlySpan<bool> isFirst)
    {
        if (_hasRise && _hasFall) return;
        if (column is TextColumn texts) AddTexts(texts, isFirst);
        else AddValues(column, isFirst);
    }

    private void AddTexts(TextColumn texts, ReadOnlySpan<bool> isFirst)
    {
        var before = -1;
        for (var row = 0; row < texts.Length; row++)
        {
            if (texts.IsNull(row)) continue;
            if (isFirst[row] && (before >= 0 || _hasLast)) Judge(texts.GetUtf8(row).SequenceCompareTo(before >= 0 ? texts.GetUtf8(before) : _lastText));
            before = row;
        }

        if (before >= 0) (_lastText, _hasLast) = (texts.GetUtf8(before).ToArray(), true);
    }

    private void AddValues(Column column, ReadOnlySpan<bool> isFirst)
    {
        var bits = OrderedBits.Read(column);
        var canBeNaN = column.Type.IsFloatingPoint();
        for (var row = 0; row < bits.Length; row++)
        {
            if (column.IsNull(row) || (canBeNaN && bits[row] == ulong.MaxValue)) continue;
            if (isFirst[row] && _hasLast) Judge(bits[row].CompareTo(_lastBits));
            (_lastBits, _hasLast) = (bits[row], true);
        }
    }

    private void Judge(int comparison)
    {
        Compared++;
        if (comparison == 0)
        {
            _hasTie = true;
            return;
        }

        Changes++;
        if (comparison > 0) _hasRise = true;
        else _hasFall = true;
    }
}
