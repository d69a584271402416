using Mlops.Data;

namespace Mlops.Validation;

/// <summary>Columns of the rows of two datasets as numbers of bins, below 64: what a <see cref="DomainClassifier"/> learns from.</summary>
internal sealed class BinnedColumns
{
    /// <summary>The number of bins: a set of them is 64 bits.</summary>
    public const int MostBins = 64;

    private readonly List<(string Name, bool IsCategory, byte[] Bins)> _columns = [];

    /// <summary>Gets the columns: their bins, shape (training rows, then test rows).</summary>
    public IReadOnlyList<(string Name, bool IsCategory, byte[] Bins)> Columns => _columns;

    /// <summary>Adds a column of both datasets, or one for each element of a vector. One that has the same bin for all rows is left out, since it tells nothing.</summary>
    public void Add(PairedColumn column, Column train, Column test)
    {
        if (column.IsText)
        {
            Add(column.Name, true, BinTexts((TextColumn)train, (TextColumn)test));
            return;
        }

        var width = train.Width;
        double[] numbers = [.. CommonForms.ReadNumbers(train, column.Form), .. CommonForms.ReadNumbers(test, column.Form)];
        for (var element = 0; element < width; element++)
        {
            var values = numbers;
            if (width > 1)
            {
                values = new double[numbers.Length / width];
                for (var row = 0; row < values.Length; row++) values[row] = numbers[(row * width) + element];
            }

            Add(width == 1 ? column.Name : $"{column.Name}[{element}]", false, BinNumbers(values));
        }
    }

    private void Add(string name, bool isCategory, byte[] bins)
    {
        if (bins.AsSpan().IndexOfAnyExcept(bins[0]) >= 0) _columns.Add((name, isCategory, bins));
    }

    /// <summary>Bin 0 holds missing values, the others about as many values each.</summary>
    private static byte[] BinNumbers(double[] values)
    {
        double[] sorted = [.. values.Where(value => !double.IsNaN(value)).Order()];
        const int Cuts = MostBins - 2;
        double[] different = [.. sorted.Distinct().Take(Cuts + 2)];
        // The smallest value of each bin but the first.
        double[] limits = different.Length <= Cuts + 1
            ? [.. different.Skip(1)]
            : [.. Enumerable.Range(1, Cuts).Select(cut => sorted[(int)((long)cut * sorted.Length / (Cuts + 1))]).Distinct().Where(limit => limit > sorted[0])];
        var bins = new byte[values.Length];
        for (var row = 0; row < bins.Length; row++)
        {
            if (double.IsNaN(values[row])) continue;
            var place = Array.BinarySearch(limits, values[row]);
            bins[row] = (byte)(1 + (place >= 0 ? place + 1 : ~place));
        }

        return bins;
    }

    /// <summary>Bin 0 holds missing values, bin 63 all but the 62 most frequent texts.</summary>
    private static byte[] BinTexts(TextColumn train, TextColumn test)
    {
        var (texts, counts, numbers) = (new Utf8Dictionary(), new List<int>(), new int[train.Length + test.Length]);
        for (var row = 0; row < numbers.Length; row++)
        {
            var (column, place) = row < train.Length ? (train, row) : (test, row - train.Length);
            numbers[row] = column.IsNull(place) ? -1 : texts.GetOrAdd(column.GetUtf8(place));
            if (numbers[row] == counts.Count) counts.Add(0);
            if (numbers[row] >= 0) counts[numbers[row]]++;
        }

        // Texts that occur once cannot be learnt.
        var frequent = counts.Index().Where(text => text.Item > 1).OrderByDescending(text => text.Item).ThenBy(text => text.Index).Take(MostBins - 2).Select((text, place) => (text.Index, Bin: (byte)(place + 1))).ToDictionary(text => text.Index, text => text.Bin);
        return Array.ConvertAll(numbers, number => number < 0 ? (byte)0 : frequent.GetValueOrDefault(number, (byte)(MostBins - 1)));
    }
}
