using System.Runtime.InteropServices;
using System.Text;
using Mlops.Data;
using Mlops.Profiles;

namespace Mlops.Validation;

/// <summary>Counts test rows whose text is written otherwise than in the training set.</summary>
internal sealed class VariantCounter(PairedColumn column, int shown)
{
    private readonly HashIndex _texts = new();
    private readonly HashIndex _forms = new();
    private readonly HashIndex _variants = new();
    private readonly List<string> _shown = [];

    /// <summary>Gets the name of the column.</summary>
    public string Name => column.Name;

    /// <summary>Gets the number of different texts of the test set that are new spellings of texts of the training set.</summary>
    public int Variants => _variants.Count;

    /// <summary>Gets the number of test rows that have them.</summary>
    public long Rows { get; private set; }

    /// <summary>Gets the first few of them.</summary>
    public IReadOnlyList<string> Shown => _shown;

    /// <summary>Adds rows.</summary>
    public void Add(DatasetPart part, DataBatch rows)
    {
        var texts = (TextColumn)column.In(part, rows);
        if (!texts.IsDictionaryEncoded)
        {
            for (var row = 0; row < texts.Length; row++)
            {
                if (!texts.IsNull(row)) Add(part, texts.GetUtf8(row), 1);
            }

            return;
        }

        var counts = new long[texts.EntryCount];
        for (var row = 0; row < texts.Length; row++)
        {
            if (!texts.IsNull(row)) counts[texts.Codes[row]]++;
        }

        for (var entry = 0; entry < counts.Length; entry++)
        {
            if (counts[entry] > 0) Add(part, texts.GetEntryUtf8(entry), counts[entry]);
        }
    }

    private void Add(DatasetPart part, ReadOnlySpan<byte> utf8, long times)
    {
        var text = Hash(utf8);
        if (part == DatasetPart.Train)
        {
            var before = _texts.Count;
            if (_texts.GetOrAdd(text) == before && BaseForm.Make(utf8) is { Length: > 0 } known) _forms.GetOrAdd(Hash(MemoryMarshal.AsBytes(known.AsSpan())));
            return;
        }

        if (_texts.Find(text) >= 0) return;
        if (_variants.Find(text) < 0)
        {
            if (BaseForm.Make(utf8) is not { Length: > 0 } form || _forms.Find(Hash(MemoryMarshal.AsBytes(form.AsSpan()))) < 0) return;
            _variants.GetOrAdd(text);
            if (_shown.Count < shown) _shown.Add(Encoding.UTF8.GetString(utf8) is { Length: <= 40 } all ? all : $"{Encoding.UTF8.GetString(utf8).AsSpan(0, 40)}…");
        }

        Rows += times;
    }

    private static UInt128 Hash(ReadOnlySpan<byte> bytes)
    {
        var (first, second) = MurmurHash3.Hash(bytes);
        return new UInt128(second, first);
    }
}
