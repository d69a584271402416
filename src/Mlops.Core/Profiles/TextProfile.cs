using System.Text;
using Mlops.Data;

namespace Mlops.Profiles;

/// <summary>What the texts of a column look like.</summary>
public sealed class TextProfile
{
    private const int LongestCharacters = 512;
    private double[] _lengths = [];

    internal TextProfile(MomentsSketch lengths, FrequentItemsSketch frequentValues, TextTypeCounts types) => (Lengths, FrequentValues, Types) = (lengths, frequentValues, types);

    /// <summary>Gets the moments of the lengths, in characters (Unicode code points).</summary>
    public MomentsSketch Lengths { get; }

    /// <summary>Gets the frequent texts, with bounds of how often each occurs, however many different texts there are.</summary>
    public FrequentItemsSketch FrequentValues { get; }

    /// <summary>Gets how many texts could be read as numbers, truth values, days or moments.</summary>
    public TextTypeCounts Types { get; private set; }

    /// <summary>Adds the texts of a column; missing ones are passed over.</summary>
    internal void Add(TextColumn column, ValueCounts values, HyperLogLogSketch distinct)
    {
        var counts = new TypeCounter();
        Span<char> characters = stackalloc char[LongestCharacters];
        if (_lengths.Length < column.Length) _lengths = new double[column.Length];
        var present = 0;
        if (column.IsDictionaryEncoded)
        {
            // Each entry is looked at once, whatever the number of its rows.
            var (times, lengths) = (new int[column.EntryCount], new int[column.EntryCount]);
            for (var row = 0; row < column.Length; row++)
            {
                if (!column.IsNull(row)) times[column.Codes[row]]++;
            }

            for (var entry = 0; entry < times.Length; entry++)
            {
                if (times[entry] > 0) lengths[entry] = AddText(column.GetEntryUtf8(entry), times[entry], values, distinct, characters, ref counts);
            }

            for (var row = 0; row < column.Length; row++)
            {
                if (!column.IsNull(row)) _lengths[present++] = lengths[column.Codes[row]];
            }
        }
        else
        {
            for (var row = 0; row < column.Length; row++)
            {
                if (!column.IsNull(row)) _lengths[present++] = AddText(column.GetUtf8(row), 1, values, distinct, characters, ref counts);
            }
        }

        Lengths.Add(_lengths.AsSpan(0, present));
        Types = Types.Add(counts.ToCounts());
    }

    internal void Merge(TextProfile other)
    {
        Lengths.Merge(other.Lengths);
        FrequentValues.Merge(other.FrequentValues);
        Types = Types.Add(other.Types);
    }

    /// <returns>The length of the text.</returns>
    private int AddText(ReadOnlySpan<byte> utf8, int times, ValueCounts values, HyperLogLogSketch distinct, Span<char> characters, ref TypeCounter counts)
    {
        if (utf8.Length <= characters.Length) values.Add(characters[..Encoding.UTF8.GetChars(utf8, characters)], times);
        else values.Add(Encoding.UTF8.GetString(utf8).AsSpan(), times);
        FrequentValues.Add(utf8, times);
        distinct.Add(utf8);
        counts.Add(utf8, times);
        return TextLength.Of(utf8);
    }

    private struct TypeCounter
    {
        private long _integers;
        private long _numbers;
        private long _booleans;
        private long _dates;
        private long _timestamps;
        private long _others;

        public void Add(ReadOnlySpan<byte> utf8, int times)
        {
            // Only few first letters begin a number, a truth value or a time; all other texts need no attempt.
            if (utf8.IsEmpty || (utf8[0] is > (byte)'9' and not ((byte)'t' or (byte)'T' or (byte)'f' or (byte)'F' or (byte)'n' or (byte)'N' or (byte)'i' or (byte)'I'))) _others += times;
            else if (FieldText.TryParseNumber<long>(utf8, out _)) _integers += times;
            else if (FieldText.TryParseNumber<double>(utf8, out _)) _numbers += times;
            else if (utf8.Length > 1 && FieldText.TryParseBoolean(utf8, out _)) _booleans += times;
            else if (FieldText.TryParseDate(utf8, out _)) _dates += times;
            else if (FieldText.TryParseTimestamp(utf8, out _)) _timestamps += times;
            else _others += times;
        }

        public readonly TextTypeCounts ToCounts() => new(_integers, _numbers, _booleans, _dates, _timestamps, _others);
    }
}
