using Mlops.Data;

namespace Mlops.Profiles;

/// <summary>The binary form of profiles.</summary>
internal static class DatasetProfileBinary
{
    private const long Magic = 0x33464F5250504C4D; // "MLPPROF3"
    private const long MagicWithoutVectorRoles = 0x32464F5250504C4D; // "MLPPROF2"

    public static byte[] Write(DatasetProfile profile)
    {
        var writer = new ProfileWriter();
        writer.Write(Magic);
        writer.Write(profile.RowCount);
        writer.Write(profile.Columns.Count);
        foreach (var column in profile.Columns) Write(column, writer);
        writer.Write(profile.Vectors.Count);
        foreach (var vector in profile.Vectors) Write(vector, writer);
        Write(profile.Correlations, writer);
        Write(profile.LabelInformation, writer);
        return writer.ToArray();
    }

    public static DatasetProfile Read(ReadOnlySpan<byte> bytes)
    {
        var reader = new ProfileReader(bytes);
        var magic = reader.ReadInt64();
        if (magic is not (Magic or MagicWithoutVectorRoles)) throw ProfileReader.Malformed();
        var rows = reader.ReadInt64();
        var columns = new ColumnProfile[reader.ReadCount(reader.Remaining)];
        for (var i = 0; i < columns.Length; i++) columns[i] = ReadColumn(ref reader);
        var vectors = new VectorProfile[reader.ReadCount(reader.Remaining)];
        for (var i = 0; i < vectors.Length; i++) vectors[i] = ReadVector(ref reader, hasRole: magic == Magic);
        var correlations = ReadCorrelations(ref reader);
        var information = ReadInformation(ref reader);
        if (!reader.IsEnd || rows < 0) throw ProfileReader.Malformed();
        return new DatasetProfile(rows, columns, vectors, correlations, information);
    }

    private static void Write(ColumnProfile column, ProfileWriter writer)
    {
        writer.Write(column.Name);
        writer.Write(column.Type.ToString());
        writer.Write(column.Role.ToString());
        writer.Write(column.RowCount);
        writer.Write(column.MissingCount);
        writer.Write(column.DistinctValues);
        writer.Write(column.Moments);
        writer.Write(column.Quantiles);
        writer.Write(column.Values);
        if (column.Texts is not { } texts) return;
        writer.Write(texts.Lengths);
        writer.Write(texts.FrequentValues);
        writer.Write(texts.Types.Integers);
        writer.Write(texts.Types.Numbers);
        writer.Write(texts.Types.Booleans);
        writer.Write(texts.Types.Dates);
        writer.Write(texts.Types.Timestamps);
        writer.Write(texts.Types.Others);
    }

    private static ColumnProfile ReadColumn(ref ProfileReader reader)
    {
        var (name, type, role) = (reader.ReadText(), reader.ReadEnum<ElementType>(), reader.ReadEnum<ColumnRole>());
        var (rows, missing) = (reader.ReadInt64(), reader.ReadInt64());
        if (name.Length == 0 || missing < 0 || missing > rows) throw ProfileReader.Malformed();
        var distinct = reader.ReadRequiredSketch<HyperLogLogSketch>();
        var (moments, quantiles, values) = (reader.ReadSketch<MomentsSketch>(), reader.ReadSketch<KllSketch>(), reader.ReadSketch<ValueCounts>());
        var isCounted = type is ElementType.String or ElementType.Boolean;
        if (values is null == isCounted || moments is null != isCounted || quantiles is null != isCounted) throw ProfileReader.Malformed();
        TextProfile? texts = null;
        if (type == ElementType.String)
        {
            var (lengths, frequent) = (reader.ReadRequiredSketch<MomentsSketch>(), reader.ReadRequiredSketch<FrequentItemsSketch>());
            texts = new TextProfile(lengths, frequent, new TextTypeCounts(reader.ReadInt64(), reader.ReadInt64(), reader.ReadInt64(), reader.ReadInt64(), reader.ReadInt64(), reader.ReadInt64()));
        }

        return new ColumnProfile(name, type, role, rows, missing, distinct, moments, quantiles, values, texts);
    }

    private static void Write(VectorProfile vector, ProfileWriter writer)
    {
        writer.Write(vector.Name);
        writer.Write(vector.Type.ToString());
        writer.Write(vector.Role.ToString());
        writer.Write(vector.RowCount);
        writer.Write(vector.MissingCount);
        writer.Write(vector.Norms);
        writer.Write(vector.Width);
        foreach (var mean in vector.Means) writer.Write(mean);
        foreach (var squares in vector.Squares) writer.Write(squares);
    }

    private static VectorProfile ReadVector(ref ProfileReader reader, bool hasRole)
    {
        var (name, type, role) = (reader.ReadText(), reader.ReadEnum<ElementType>(), hasRole ? reader.ReadEnum<ColumnRole>() : ColumnRole.Feature);
        var (rows, missing) = (reader.ReadInt64(), reader.ReadInt64());
        var norms = reader.ReadRequiredSketch<MomentsSketch>();
        var width = reader.ReadCount(reader.Remaining / 16);
        if (name.Length == 0 || missing < 0 || missing > rows || width < 1) throw ProfileReader.Malformed();
        return new VectorProfile(name, type, role, ReadDoubles(ref reader, width), ReadDoubles(ref reader, width), norms, rows, missing);
    }

    private static void Write(CorrelationMatrix? correlations, ProfileWriter writer)
    {
        writer.Write(correlations?.Columns.Count ?? -1);
        if (correlations is null) return;
        foreach (var column in correlations.Columns) writer.Write(column);
        foreach (var pair in correlations.Pairs)
        {
            writer.Write(pair.Count);
            writer.Write(pair.MeanA);
            writer.Write(pair.MeanB);
            writer.Write(pair.SquaresA);
            writer.Write(pair.SquaresB);
            writer.Write(pair.Products);
        }
    }

    private static CorrelationMatrix? ReadCorrelations(ref ProfileReader reader)
    {
        var count = reader.ReadInt64();
        if (count == -1) return null;
        if (count is < 0 or > 1000) throw ProfileReader.Malformed();
        var columns = new string[count];
        for (var i = 0; i < columns.Length; i++) columns[i] = reader.ReadText();
        if (columns.Distinct(StringComparer.Ordinal).Count() != columns.Length || reader.Remaining / 48 < count * (count + 1) / 2) throw ProfileReader.Malformed();
        var pairs = new PairMoments[count * (count + 1) / 2];
        for (var i = 0; i < pairs.Length; i++)
            pairs[i] = new PairMoments(reader.ReadInt64(), reader.ReadDouble(), reader.ReadDouble(), reader.ReadDouble(), reader.ReadDouble(), reader.ReadDouble());
        return new CorrelationMatrix(columns, pairs);
    }

    private static void Write(LabelInformation? information, ProfileWriter writer)
    {
        writer.Write(information?.Schema.Length ?? -1);
        if (information is null) return;
        foreach (var (name, isNumeric) in information.Schema)
        {
            writer.Write(name);
            writer.Write(isNumeric ? 1 : 0);
        }

        (ulong Priority, double[] Row)[] rows = [.. information.Sample.Rows];
        writer.Write(information.Sample.Capacity);
        writer.Write((long)information.Sample.Seed);
        writer.Write(information.Sample.Position);
        writer.Write(rows.Length);
        foreach (var (priority, row) in rows)
        {
            writer.Write((long)priority);
            foreach (var value in row) writer.Write(value);
        }
    }

    private static LabelInformation? ReadInformation(ref ProfileReader reader)
    {
        var count = reader.ReadInt64();
        if (count == -1) return null;
        if (count < 1 || count > reader.Remaining) throw ProfileReader.Malformed();
        var columns = new (string Name, bool IsNumeric)[count];
        for (var i = 0; i < columns.Length; i++) columns[i] = (reader.ReadText(), reader.ReadInt64() == 1);
        var capacity = reader.ReadCount(int.MaxValue);
        if (capacity == 0) throw ProfileReader.Malformed();
        var information = new LabelInformation(columns, capacity, (ulong)reader.ReadInt64());
        information.Sample.Restore(reader.ReadInt64());
        var rows = reader.ReadCount(reader.Remaining / 8);
        for (var i = 0; i < rows; i++) information.Sample.Keep((ulong)reader.ReadInt64(), ReadDoubles(ref reader, columns.Length));
        return information;
    }

    private static double[] ReadDoubles(ref ProfileReader reader, int count)
    {
        if (count > reader.Remaining / 8) throw ProfileReader.Malformed();
        var values = new double[count];
        for (var i = 0; i < count; i++) values[i] = reader.ReadDouble();
        return values;
    }
}
