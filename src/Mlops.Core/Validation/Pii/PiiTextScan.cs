using Mlops.Data;

namespace Mlops.Validation;

/// <summary>Looks for personal data in a text column: in each entry of a dictionary once.</summary>
internal sealed class PiiTextScan(string column, PiiRules rules) : PiiColumnScan(column)
{
    private readonly bool _isPhoneColumn = PiiCues.IsPhoneColumn(column);
    private TextColumn? _known;
    private Entry?[] _entries = [];
    private bool[] _isExamined = [];

    public override void Add(Column values, long firstRow)
    {
        var text = (TextColumn)values;
        Judged += text.Length - text.NullCount;
        if (text.IsDictionaryEncoded) AddEntries(text, firstRow);
        else if (text.TryGetContiguous(out var bytes, out var offsets)) AddContiguous(bytes, offsets, firstRow);
        else AddRows(text, firstRow);
    }

    protected override double GetMinimumRatio(PiiKind kind) => rules.MinimumRatio;

    private void AddEntries(TextColumn text, long firstRow)
    {
        // Batches that are slices of one column share its dictionary.
        if (_known is null || !_known.SharesDictionary(text)) (_known, _entries, _isExamined) = (text, new Entry?[text.EntryCount], new bool[text.EntryCount]);
        var codes = text.Codes;
        for (var row = 0; row < codes.Length; row++)
        {
            if (text.IsNull(row)) continue;
            var code = codes[row];
            if (!_isExamined[code])
            {
                _entries[code] = Examine(text.GetEntryUtf8(code));
                _isExamined[code] = true;
            }

            if (_entries[code] is { } entry) Count(entry, firstRow + row);
        }
    }

    /// <summary>Searches all rows as one text and looks only at those in which the search stops.</summary>
    private void AddContiguous(ReadOnlySpan<byte> bytes, ReadOnlySpan<int> offsets, long firstRow)
    {
        var (place, row) = (0, 0);
        while (place < bytes.Length)
        {
            var jump = bytes[place..].IndexOfAny(rules.Anchors);
            if (jump < 0) return;
            while (offsets[row + 1] - offsets[0] <= place + jump) row++;
            var (start, end) = (offsets[row] - offsets[0], offsets[row + 1] - offsets[0]);
            if (Examine(bytes[start..end]) is { } entry) Count(entry, firstRow + row);
            place = end;
        }
    }

    private void AddRows(TextColumn text, long firstRow)
    {
        for (var row = 0; row < text.Length; row++)
        {
            var utf8 = text.GetUtf8(row);
            if (utf8.IndexOfAny(rules.Anchors) >= 0 && Examine(utf8) is { } entry) Count(entry, firstRow + row);
        }
    }

    private Entry? Examine(ReadOnlySpan<byte> utf8)
    {
        var scanner = new PiiScanner(utf8, rules, _isPhoneColumn);
        Entry? entry = null;
        while (scanner.TryNext(out var hit)) (entry ??= new Entry()).Add(hit);
        if (scanner.CardMisses + scanner.IbanMisses == 0) return entry;
        entry ??= new Entry();
        (entry.CardMisses, entry.IbanMisses) = (scanner.CardMisses, scanner.IbanMisses);
        return entry;
    }

    private void Count(Entry entry, long row)
    {
        foreach (var (kind, values, confidence) in entry.Kinds) Count(kind, row, values, confidence);
        CountMisses(PiiKind.Card, entry.CardMisses);
        CountMisses(PiiKind.Iban, entry.IbanMisses);
    }

    /// <summary>What one text holds.</summary>
    private sealed class Entry
    {
        public List<(PiiKind Kind, int Values, double Confidence)> Kinds { get; } = new(1);

        public int CardMisses { get; set; }

        public int IbanMisses { get; set; }

        public void Add(PiiHit hit)
        {
            for (var i = 0; i < Kinds.Count; i++)
            {
                if (Kinds[i].Kind != hit.Kind) continue;
                Kinds[i] = (hit.Kind, Kinds[i].Values + 1, Kinds[i].Confidence + hit.Confidence);
                return;
            }

            Kinds.Add((hit.Kind, 1, hit.Confidence));
        }
    }
}
