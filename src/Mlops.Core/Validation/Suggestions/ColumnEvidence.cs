using System.Globalization;
using Mlops.Data;
using Mlops.Profiles;

namespace Mlops.Validation;

/// <summary>What the first half of the rows shows of one column.</summary>
internal sealed class ColumnEvidence
{
    // Ranks of quantiles are off by 0.3 %, so that the bounds are as wide as chance makes them rather than the sketch.
    private const int QuantileK = 1024;
    private const long RowsBeforeDoubt = 10_000;
    private double[] _lengths = [];

    public ColumnEvidence(ColumnSchema column)
    {
        Column = column;
        if (column.Width > 1) return;
        if (column.Type is not ElementType.Boolean) Order = new OrderEvidence();
        var isNumber = column.Type.IsNumeric() && column.Type != ElementType.Boolean;
        if (isNumber) Moments = new MomentsSketch();
        if (isNumber) Quantiles = new KllSketch(QuantileK);
        if (isNumber || column.Type == ElementType.String) (Low, High) = (new TailValues(), new TailValues());
        if (column.Type == ElementType.String) (Lengths, Forms) = (new MomentsSketch(), new TextForms());
        // Numbers that are measured are different by nature, and equal by chance.
        if (column.Type != ElementType.Boolean && (!column.Type.IsFloatingPoint() || column.Role == ColumnRole.Key)) Occurrences = new OccurrenceScan(column);
        if (!column.Type.IsFloatingPoint() && column.Type is not (ElementType.Date or ElementType.Timestamp)) Values = new ValueCounts();
    }

    public ColumnSchema Column { get; }

    public long Rows { get; private set; }

    public long Present { get; private set; }

    /// <summary>Gets the number of values that are NaN or infinite.</summary>
    public long NotFinite { get; private set; }

    public MomentsSketch? Moments { get; }

    public KllSketch? Quantiles { get; }

    /// <summary>Gets the smallest numbers, or lengths of texts, with the other sign.</summary>
    public TailValues? Low { get; }

    public TailValues? High { get; }

    public MomentsSketch? Lengths { get; }

    public TextForms? Forms { get; }

    public OrderEvidence? Order { get; }

    /// <summary>Gets how often each value is there; null where there are too many, or that is not of interest.</summary>
    public ValueCounts? Values { get; private set; }

    /// <summary>Gets how many values are there once; null where most are repeated.</summary>
    public OccurrenceScan? Occurrences { get; private set; }

    /// <summary>Gets the number of places on which the values lie: their spread in steps of their largest common divisor.</summary>
    public double Places => Step == 0 ? 1 : ((LargestBits - SmallestBits) / Step) + 1.0;

    private ulong SmallestBits { get; set; } = ulong.MaxValue;

    private ulong LargestBits { get; set; }

    private ulong Step { get; set; }

    /// <summary>Adds rows of the first half.</summary>
    public void Add(ColumnView view)
    {
        Rows += view.Column.Length;
        if (view.Column.Type.IsFloatingPoint()) AddFloatingPoint(view);
        else Present += view.Column.Length - view.Column.NullCount;
        if (Moments is not null) AddNumbers(view.Numbers);
        if (view.Column is TextColumn texts) AddTexts(texts);
        else if (view.Column is Column<bool> flags) AddFlags(flags);
        else if (Values is { IsExact: true } && Moments is not null) AddWholeNumbers(view.Column);
        if (Occurrences is not null) AddOccurrences(view);
        if (Values is { IsExact: false }) Values = null;
    }

    private void AddFloatingPoint(ColumnView view)
    {
        var column = view.Column;
        var numbers = view.Numbers;
        for (var row = 0; row < column.Length; row++)
        {
            if (column.IsNull(row)) continue;
            var isFinite = true;
            foreach (var number in numbers.Slice(row * column.Width, column.Width)) isFinite &= double.IsFinite(number);
            if (!isFinite) NotFinite++;
            // A single NaN is a missing value; a vector with one is not missing.
            if (column.Width > 1 || !double.IsNaN(numbers[row])) Present++;
        }
    }

    private void AddNumbers(ReadOnlySpan<double> numbers)
    {
        Moments!.Add(numbers);
        Quantiles!.Add(numbers);
        Low!.Add(numbers, -1);
        High!.Add(numbers, 1);
    }

    private void AddTexts(TextColumn texts)
    {
        if (_lengths.Length < texts.Length) _lengths = new double[texts.Length];
        var present = 0;
        Span<char> characters = stackalloc char[256];
        for (var row = 0; row < texts.Length; row++)
        {
            if (texts.IsNull(row)) continue;
            var utf8 = texts.GetUtf8(row);
            _lengths[present++] = TextLength.Of(utf8);
            Forms!.Add(utf8);
            if (Values is not { IsExact: true }) continue;
            if (utf8.Length <= characters.Length) Values.Add(characters[..System.Text.Encoding.UTF8.GetChars(utf8, characters)], 1);
            else Values.Add(texts.GetString(row)!, 1);
        }

        var lengths = _lengths.AsSpan(0, present);
        Lengths!.Add(lengths);
        Low!.Add(lengths, -1);
        High!.Add(lengths, 1);
    }

    private void AddFlags(Column<bool> flags)
    {
        for (var row = 0; row < flags.Length; row++)
        {
            if (!flags.IsNull(row)) Values?.Add(flags.Values[row] ? "true" : "false", 1);
        }
    }

    private void AddOccurrences(ColumnView view)
    {
        Occurrences!.Add(view);
        // Whoever repeats half of the values is no key; memory need not hold the others.
        if (Occurrences.Present >= RowsBeforeDoubt && Occurrences.OnceCount < Occurrences.Present / 2) Occurrences = null;
        if (view.Column is TextColumn || view.Column.Type.IsFloatingPoint()) return;
        var bits = OrderedBits.Read(view.Column);
        for (var row = 0; row < bits.Length; row++)
        {
            if (view.Column.IsNull(row)) continue;
            if (SmallestBits != ulong.MaxValue && Step != 1) Step = GreatestCommonDivisor(Step, bits[row] > SmallestBits ? bits[row] - SmallestBits : SmallestBits - bits[row]);
            (SmallestBits, LargestBits) = (Math.Min(SmallestBits, bits[row]), Math.Max(LargestBits, bits[row]));
        }
    }

    private void AddWholeNumbers(Column column)
    {
        for (var row = 0; row < column.Length && Values!.IsExact; row++)
        {
            if (!column.IsNull(row)) AddWholeNumber(column, row);
        }
    }

    private void AddWholeNumber(Column column, int row)
    {
        Span<char> digits = stackalloc char[24];
        var written = column switch
        {
            Column<long> typed => Write(typed.Values[row], digits),
            Column<int> typed => Write(typed.Values[row], digits),
            Column<short> typed => Write(typed.Values[row], digits),
            Column<sbyte> typed => Write(typed.Values[row], digits),
            Column<ulong> typed => Write(typed.Values[row], digits),
            Column<uint> typed => Write(typed.Values[row], digits),
            Column<ushort> typed => Write(typed.Values[row], digits),
            Column<byte> typed => Write(typed.Values[row], digits),
            _ => 0,
        };
        if (written > 0) Values!.Add(digits[..written], 1);
    }

    private static int Write<T>(T value, Span<char> digits)
        where T : ISpanFormattable
        => value.TryFormat(digits, out var written, default, CultureInfo.InvariantCulture) ? written : 0;

    private static ulong GreatestCommonDivisor(ulong a, ulong b)
    {
        while (b != 0) (a, b) = (b, a % b);
        return a;
    }
}
