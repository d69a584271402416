using System.Text;

namespace Mlops.Onnx;

/// <summary>Keeps a few short texts with their UTF-8 form, so that class labels, which recur, are decoded once. Safe for concurrent use.</summary>
/// <remarks>A text is kept when it comes the second time in a row at its place: what a model gives once may be somebody's. A place once taken is never given to another text.</remarks>
internal sealed class TextCache
{
    private const int Places = 256;
    private const int MaxLength = 64;

    private readonly Entry?[] _entries = new Entry?[Places];
    private readonly uint[] _seen = new uint[Places];

    public string Get(ReadOnlySpan<byte> utf8)
    {
        if (utf8.IsEmpty) return "";
        if (utf8.Length > MaxLength) return Encoding.UTF8.GetString(utf8);
        // FNV-1a.
        var hash = 2166136261u;
        foreach (var value in utf8) hash = (hash ^ value) * 16777619u;
        var place = hash % Places;
        var entry = Volatile.Read(ref _entries[place]);
        if (entry is not null) return utf8.SequenceEqual(entry.Utf8) ? entry.Text : Encoding.UTF8.GetString(utf8);
        if (_seen[place] != hash)
        {
            _seen[place] = hash;
            return Encoding.UTF8.GetString(utf8);
        }

        entry = new Entry(utf8.ToArray(), Encoding.UTF8.GetString(utf8));
        Volatile.Write(ref _entries[place], entry);
        return entry.Text;
    }

    private sealed record Entry(byte[] Utf8, string Text);
}
