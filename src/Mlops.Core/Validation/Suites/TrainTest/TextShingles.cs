using System.Runtime.InteropServices;
using System.Text;
using Mlops.Data;
using Mlops.Profiles;

namespace Mlops.Validation;

/// <summary>The pieces that texts are compared by: hashes of all runs of 5 characters, in lower case, with one blank between words and no punctuation.</summary>
internal static class TextShingles
{
    /// <summary>The number of characters of a piece.</summary>
    public const int Length = 5;

    /// <summary>Makes one text of those of a row, for comparison.</summary>
    public static string Normalize(ReadOnlySpan<TextColumn> columns, int row)
    {
        var text = new StringBuilder();
        foreach (var column in columns)
        {
            if (text.Length > 0 && text[^1] != ' ') text.Append(' ');
            foreach (var character in column.GetString(row) ?? "")
            {
                if (char.IsLetterOrDigit(character) || char.IsSurrogate(character)) text.Append(char.ToLowerInvariant(character));
                else if (text.Length > 0 && text[^1] != ' ') text.Append(' ');
            }
        }

        return text.ToString().TrimEnd();
    }

    /// <summary>Cuts a text into its different pieces.</summary>
    /// <returns>Their hashes, ascending.</returns>
    public static ulong[] Cut(string text)
    {
        var hashes = new ulong[Math.Max(0, text.Length - Length + 1)];
        for (var i = 0; i < hashes.Length; i++) hashes[i] = MurmurHash3.Hash(MemoryMarshal.AsBytes(text.AsSpan(i, Length))).First;
        Array.Sort(hashes);
        var different = 0;
        for (var i = 0; i < hashes.Length; i++)
        {
            if (i == 0 || hashes[i] != hashes[i - 1]) hashes[different++] = hashes[i];
        }

        return hashes[..different];
    }

    /// <summary>Computes how similar two sets of pieces are: the number of common ones by that of all (Jaccard).</summary>
    public static double Compare(ReadOnlySpan<ulong> a, ReadOnlySpan<ulong> b)
    {
        var (i, j, common) = (0, 0, 0);
        while (i < a.Length && j < b.Length)
        {
            if (a[i] == b[j]) (i, j, common) = (i + 1, j + 1, common + 1);
            else if (a[i] < b[j]) i++;
            else j++;
        }

        return a.Length + b.Length == 0 ? 0 : (double)common / (a.Length + b.Length - common);
    }
}
