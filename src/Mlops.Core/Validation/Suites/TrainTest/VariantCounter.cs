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
        TextEntries.Visit((TextColumn)column.In(part, rows), (utf8, times) => Add(part, utf8, times));
    }

    private void Add(DatasetPart part, ReadOnlySpan<byte> utf8, long times)
    {
        var text = Hash(utf8);
        if (part == DatasetPart.Train)
        {
            var before = _texts.Count;
            if (_texts.GetOrAdd(text) == before && HasVariants(utf8)) _forms.GetOrAdd(HashForm(utf8));
            return;
        }

        if (_texts.Find(text) >= 0) return;
        if (_variants.Find(text) < 0)
        {
            if (!HasVariants(utf8) || _forms.Find(HashForm(utf8)) < 0) return;
            _variants.GetOrAdd(text);
            if (_shown.Count < shown) _shown.Add(Encoding.UTF8.GetString(utf8) is { Length: <= 40 } all ? all : $"{Encoding.UTF8.GetString(utf8).AsSpan(0, 40)}…");
        }

        Rows += times;
    }

    /// <summary>Numbers and times are no spellings: <c>-1.5</c> is not <c>15</c>.</summary>
    private static bool HasVariants(ReadOnlySpan<byte> utf8) => !FieldText.TryParseNumber<double>(utf8, out _) && !FieldText.TryParseTimestamp(utf8, out _);

    private static UInt128 HashForm(ReadOnlySpan<byte> utf8) => Hash(MemoryMarshal.AsBytes(StringVariantsCheck.ToBaseForm(Encoding.UTF8.GetString(utf8)).AsSpan()));

    private static UInt128 Hash(ReadOnlySpan<byte> bytes)
    {
        var (first, second) = MurmurHash3.Hash(bytes);
        return new UInt128(second, first);
    }
}
