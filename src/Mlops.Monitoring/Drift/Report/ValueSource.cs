using Mlops.Data;
using Mlops.Profiles;

namespace Mlops.Monitoring;

/// <summary>Two datasets in memory, to be compared column by column.</summary>
internal sealed class ValueSource : IDriftSource
{
    // Tests of rows draw at most half of these themselves, by what they hold.
    private const int MostDrawnRows = 20_000;

    private readonly DataBatch[] _reference;
    private readonly DataBatch[] _current;
    private readonly long _maximumBytes;
    private readonly SharedPrecision _precision;

    public ValueSource(IReadOnlyList<ColumnSchema> referenceSchema, DataBatch[] reference, IReadOnlyList<ColumnSchema> currentSchema, DataBatch[] current, long maximumBytes)
    {
        (Reference, _reference, Current, _current, _maximumBytes) = (referenceSchema, reference, currentSchema, current, maximumBytes);
        _precision = new SharedPrecision(referenceSchema, currentSchema);
        (ReferenceRowCount, CurrentRowCount) = (reference.Sum(batch => (long)batch.RowCount), current.Sum(batch => (long)batch.RowCount));
    }

    public long ReferenceRowCount { get; }

    public long CurrentRowCount { get; }

    public IReadOnlyList<ColumnSchema> Reference { get; }

    public IReadOnlyList<ColumnSchema> Current { get; }

    public MissingCounts CountMissing(string column)
        => new(ReferenceRowCount, Get(_reference, column).Sum(CountMissing), CurrentRowCount, Get(_current, column).Sum(CountMissing));

    public ColumnPair Load(ColumnSchema column)
    {
        var (reference, current) = (Get(_reference, column.Name), Get(_current, column.Name));
        if (column.Width > 1)
        {
            return new VectorPair(column, (DrawVectors(column, reference), DrawVectors(column, current)), () =>
                (Fill(new VectorProfile(column.Name, reference.Length == 0 ? column.Type : reference[0].Type, column.Width, column.Role), reference),
                Fill(new VectorProfile(column.Name, current.Length == 0 ? column.Type : current[0].Type, column.Width, column.Role), current)))
            {
                RoundedTo = _precision.Find(column.Name),
            };
        }

        (ColumnProfile, ColumnProfile) Profiles() => (Profile(column, reference), Profile(column, current));
        if ((ReferenceRowCount + CurrentRowCount) * sizeof(double) > _maximumBytes || Math.Max(ReferenceRowCount, CurrentRowCount) > Array.MaxLength)
        {
            var (first, second) = Profiles();
            return ProfilePair.Create(column, first, second, _precision);
        }

        return column.Type is ElementType.String or ElementType.Boolean
            ? new CategoryPair(column, new BatchTexts(reference), new BatchTexts(current), limit => BatchTexts.CountValues(reference, current, limit), Profiles)
            : new NumberPair(
                column, GetPresent(column, reference, ReferenceRowCount), GetPresent(column, current, CurrentRowCount), Profiles,
                () => (GetRows(column, reference, ReferenceRowCount), GetRows(column, current, CurrentRowCount)))
            {
                RoundedTo = _precision.Find(column.Name),
            };
    }

    public (RowSet Reference, RowSet Current)? LoadRows(IReadOnlyList<string> columns) => (DrawRows(_reference, columns, ReferenceRowCount), DrawRows(_current, columns, CurrentRowCount));

    /// <summary>Counts the missing values of a column: NaN, and vectors that are not finite, are missing.</summary>
    private static long CountMissing(Column column)
    {
        if (column.Width == 1 && !column.Type.IsFloatingPoint()) return column.NullCount;
        if (column is Column<double> { Width: 1 } numbers && !System.Numerics.Tensors.TensorPrimitives.IsNaNAny(numbers.Values)) return numbers.NullCount;
        if (column is Column<float> { Width: 1 } singles && !System.Numerics.Tensors.TensorPrimitives.IsNaNAny(singles.Values)) return singles.NullCount;
        const int Rows = 1024;
        var buffer = new double[Rows * column.Width];
        long missing = 0;
        for (var start = 0; start < column.Length; start += Rows)
        {
            var part = buffer.AsSpan(0, Math.Min(Rows, column.Length - start) * column.Width);
            ColumnNumbers.CopyTo(column, start, part);
            for (var i = 0; i < part.Length; i += column.Width)
            {
                if (column.Width == 1 ? double.IsNaN(part[i]) : !System.Numerics.Tensors.TensorPrimitives.IsFiniteAll<double>(part.Slice(i, column.Width))) missing++;
            }
        }

        return missing;
    }

    private static Column[] Get(DataBatch[] batches, string column) => Array.ConvertAll(batches, batch => batch[column]);

    private double[] GetPresent(ColumnSchema column, Column[] parts, long rows)
    {
        var values = GetRows(column, parts, rows);
        return System.Numerics.Tensors.TensorPrimitives.IsNaNAny<double>(values) ? SortedSample.GetPresent(values) : values;
    }

    private double[] GetRows(ColumnSchema column, Column[] parts, long rows)
    {
        var values = GC.AllocateUninitializedArray<double>((int)rows);
        var start = 0;
        foreach (var part in parts)
        {
            ColumnNumbers.CopyTo(part, 0, values.AsSpan(start, part.Length));
            start += part.Length;
        }

        return _precision.Round(column.Name, values);
    }

    private ColumnProfile Profile(ColumnSchema column, Column[] parts)
    {
        var profile = new ColumnProfile(column.Name, parts.Length == 0 ? column.Type : parts[0].Type, column.Role, SampleReader.ProfileOptions);
        foreach (var part in parts) profile.Add(part);
        return _precision.Round(profile);
    }

    private static VectorProfile Fill(VectorProfile profile, Column[] parts)
    {
        foreach (var part in parts) profile.Add(part);
        return profile;
    }

    private RowSet DrawRows(DataBatch[] batches, IReadOnlyList<string> columns, long rowCount)
    {
        var taken = Draw([.. batches.Select(batch => batch.RowCount)], rowCount);
        var values = new double[taken.Sum(rows => rows.Length) * columns.Count];
        for (var k = 0; k < columns.Count; k++)
        {
            var place = k;
            for (var i = 0; i < batches.Length; i++)
            {
                foreach (var value in _precision.Round(columns[k], ColumnNumbers.ToDoubles(batches[i][columns[k]].Take(taken[i]))))
                {
                    values[place] = value;
                    place += columns.Count;
                }
            }
        }

        return new RowSet(values, columns.Count) { ColumnNames = columns };
    }

    private RowSet DrawVectors(ColumnSchema column, Column[] parts)
    {
        var taken = Draw([.. parts.Select(part => part.Length)], parts.Sum(part => (long)part.Length));
        var values = new double[taken.Sum(rows => rows.Length) * column.Width];
        var start = 0;
        for (var i = 0; i < parts.Length; i++)
        {
            var rows = ColumnNumbers.ToDoubles(parts[i].Take(taken[i]));
            rows.CopyTo(values, start);
            start += rows.Length;
        }

        return new RowSet(_precision.Round(column.Name, values), column.Width);
    }

    /// <summary>Draws rows by their places: each as likely as any other (selection sampling, D. E. Knuth, "The Art of Computer Programming", volume 2, algorithm S).</summary>
    private static int[][] Draw(int[] lengths, long rowCount)
    {
        var drawn = new int[lengths.Length][];
        long left = rowCount, wanted = Math.Min(MostDrawnRows, rowCount);
        var random = new SplitMix64(1);
        for (var i = 0; i < lengths.Length; i++)
        {
            var rows = new List<int>();
            for (var row = 0; row < lengths[i]; row++, left--)
            {
                if (wanted == 0 || (wanted < left && random.NextDouble() * left >= wanted)) continue;
                rows.Add(row);
                wanted--;
            }

            drawn[i] = [.. rows];
        }

        return drawn;
    }
}
