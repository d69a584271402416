using System.Text.Json;
using System.Text.Json.Serialization;
using Mlops.Data;

namespace Mlops.Profiles;

/// <summary>The JSON form of a <see cref="DatasetProfile"/>: figures for people, and the binary form, in base 64, for machines.</summary>
internal sealed record DatasetProfileDocument(
    long RowCount,
    DatasetProfileDocument.Column[] Columns,
    DatasetProfileDocument.Vector[]? Vectors,
    DatasetProfileDocument.Correlation[]? Correlations,
    Dictionary<string, double?>? LabelInformation,
    byte[] Binary)
{
    private static readonly double[] s_ranks = [0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99];

    public static byte[] Write(DatasetProfile profile) => JsonSerializer.SerializeToUtf8Bytes(
        new DatasetProfileDocument(
            profile.RowCount,
            [.. profile.Columns.Select(Column.Of)],
            profile.Vectors.Count == 0 ? null : [.. profile.Vectors.Select(Vector.Of)],
            profile.Correlations is { } matrix ? [.. Correlation.Of(matrix)] : null,
            profile.LabelInformation is { } information ? information.Columns.ToDictionary(column => column, column => Finite(information[column])) : null,
            profile.ToBytes()),
        DatasetProfileJson.Default.DatasetProfileDocument);

    public static DatasetProfile Read(ReadOnlySpan<byte> json)
    {
        var document = JsonSerializer.Deserialize(json, DatasetProfileJson.Default.DatasetProfileDocument);
        return document?.Binary is { } binary ? DatasetProfile.FromBytes(binary) : throw new JsonException("The JSON holds no profile of this version. Create the profile anew.");
    }

    private static double? Finite(double value) => double.IsFinite(value) ? value : null;

    internal sealed record Column(
        string Name,
        ElementType Type,
        ColumnRole Role,
        long RowCount,
        long MissingCount,
        Estimate DistinctCount,
        double? Mean,
        double? StandardDeviation,
        double? Skewness,
        double? ExcessKurtosis,
        double? Minimum,
        double? Maximum,
        long? ZeroCount,
        long? NegativeCount,
        long? InfiniteCount,
        Dictionary<string, Estimate>? Quantiles,
        Lengths? Lengths,
        TextTypeCounts? Types,
        Dictionary<string, Estimate>? FrequentValues)
    {
        private const int ShownValues = 20;

        public static Column Of(ColumnProfile profile)
        {
            var moments = profile.Moments is { Count: > 0 } present ? present : null;
            return new Column(
                profile.Name,
                profile.Type,
                profile.Role,
                profile.RowCount,
                profile.MissingCount,
                new Estimate(profile.DistinctValues.Estimate, profile.DistinctValues.GetLowerBound(2), profile.DistinctValues.GetUpperBound(2)),
                Number(moments?.Mean),
                Number(moments?.StandardDeviation),
                Number(moments?.Skewness),
                Number(moments?.ExcessKurtosis),
                moments?.Minimum,
                moments?.Maximum,
                moments?.ZeroCount,
                moments?.NegativeCount,
                moments?.PositiveInfinityCount + moments?.NegativeInfinityCount,
                profile.Quantiles is { Count: > 0 } quantiles ? s_ranks.ToDictionary(Percent, rank => Quantile(quantiles, rank)) : null,
                profile.Texts?.Lengths is { Count: > 0 } lengths ? new Lengths(lengths.Minimum, lengths.Mean, lengths.Maximum) : null,
                profile.Texts?.Types,
                Values(profile));
        }

        private static double? Number(double? value) => value is { } number ? Finite(number) : null;

        private static string Percent(double rank) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{rank:0%}");

        private static Estimate Quantile(KllSketch quantiles, double rank)
        {
            var (lower, upper) = quantiles.GetQuantileBounds(rank);
            return new Estimate(quantiles.GetQuantile(rank), lower, upper);
        }

        private static Dictionary<string, Estimate>? Values(ColumnProfile profile)
        {
            if (profile.Values is not { } values) return null;
            return values.IsExact || profile.Texts is null
                ? values.GetOrdered().Take(ShownValues).ToDictionary(value => value.Key, value => new Estimate(value.Value, value.Value, value.Value))
                : profile.Texts.FrequentValues.GetFrequentItems(FrequentItemsGuarantee.NoFalseNegatives).Take(ShownValues)
                    .ToDictionary(item => item.Value, item => new Estimate(item.Estimate, item.LowerBound, item.UpperBound));
        }
    }

    /// <summary>An estimate with its bounds; both are the value itself where it is exact.</summary>
    internal sealed record Estimate(double Value, double LowerBound, double UpperBound);

    internal sealed record Lengths(double Minimum, double Mean, double Maximum);

    internal sealed record Vector(string Name, ElementType Type, ColumnRole Role, int Width, long RowCount, long MissingCount, double? MeanNorm, double? LargestNorm)
    {
        public static Vector Of(VectorProfile profile) => new(
            profile.Name, profile.Type, profile.Role, profile.Width, profile.RowCount, profile.MissingCount, Finite(profile.Norms.Mean), Finite(profile.Norms.Maximum));
    }

    internal sealed record Correlation(string A, string B, double? Value, long RowCount)
    {
        public static IEnumerable<Correlation> Of(CorrelationMatrix matrix)
        {
            for (var i = 0; i < matrix.Columns.Count; i++)
            {
                for (var j = 0; j < i; j++)
                    yield return new Correlation(matrix.Columns[j], matrix.Columns[i], Finite(matrix[matrix.Columns[j], matrix.Columns[i]]), matrix.GetCount(matrix.Columns[j], matrix.Columns[i]));
            }
        }
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true,
    WriteIndented = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(DatasetProfileDocument))]
internal sealed partial class DatasetProfileJson : JsonSerializerContext;
