using System.Text;

namespace Mlops.Onnx;

/// <summary>Keeps a few short texts with their UTF-8 form, so that class labels, which recur, are decoded once. Safe for concurrent use.</summary>
/// <remarks>A place once taken is never given to another text, so texts that do not recur cost one entry at most.</remarks>
internal sealed class TextCache
{
    private const int Places = 256;
    private const int MaxLength = 64;

    private readonly Entry?[] _entries = new Entry?[Places];

    public string Get(ReadOnlySpan<byte> utf8)
    {
        if (utf8.IsEmpty) return "";
        if (utf8.Length > MaxLength) return Encoding.UTF8.GetString(utf8);
        var hash = 2166136261u;
        // FNV-1a.
        foreach (var value in utf8) hash = (hash ^ value) * 16777619u;
        ref var place = ref _entries[hash % Places];
        var entry = Volatile.Read(ref place);
        if (entry is not null) return utf8.SequenceEqual(entry.Utf8) ? entry.Text : Encoding.UTF8.GetString(utf8);
        entry = new Entry(utf8.ToArray(), Encoding.UTF8.GetString(utf8));
        Volatile.Write(ref place, entry);
        return entry.Text;
    }

    private sealed record Entry(byte[] Utf8, string Text);
}
