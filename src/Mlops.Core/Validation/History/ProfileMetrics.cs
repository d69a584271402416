using System.Globalization;
using Mlops.Profiles;

namespace Mlops.Validation;

/// <summary>The figures of a profile by name: <c>row_count</c>, <c>age.completeness</c>, <c>age.quantile_0.5</c>.</summary>
/// <remarks>
/// <para>Of the dataset: <c>row_count</c>, <c>column_count</c>.</para>
/// <para>Of every column: <c>completeness</c>, the share of rows with a value. Of columns of one element a row also <c>distinct_count</c>, an estimate, <c>distinctness</c>, that per row, and
/// <c>label_information</c>, in nats, where the profile has it.</para>
/// <para>Of numbers, dates (days since 1970-01-01) and timestamps (seconds since then): <c>mean</c>, <c>standard_deviation</c>, <c>minimum</c>, <c>maximum</c>, <c>sum</c>, <c>skewness</c>,
/// <c>excess_kurtosis</c>, <c>quantile_0.05</c>, <c>quantile_0.25</c>, <c>quantile_0.5</c>, <c>quantile_0.75</c>, <c>quantile_0.95</c>, <c>zero_ratio</c>, <c>negative_ratio</c>, <c>infinite_ratio</c>: shares of the values.</para>
/// <para>Of texts and truth values of which all were counted: <c>uniqueness</c> (values that occur once, per row), <c>unique_value_ratio</c> (the same, per different value), <c>entropy</c> (nats). Of texts:
/// <c>minimum_length</c>, <c>mean_length</c>, <c>maximum_length</c>, in characters.</para>
/// <para>Of vectors: <c>mean_norm</c>, <c>standard_deviation_norm</c>.</para>
/// </remarks>
public static class ProfileMetrics
{
    private const string QuantilePrefix = "quantile_";

    private static readonly double[] s_ranks = [0.05, 0.25, 0.5, 0.75, 0.95];

    // Whether figures of this name tell values of the data.
    private static readonly Dictionary<string, bool> s_names = new(StringComparer.Ordinal)
    {
        ["completeness"] = false,
        ["distinct_count"] = false,
        ["distinctness"] = false,
        ["label_information"] = false,
        ["mean"] = true,
        ["standard_deviation"] = true,
        ["minimum"] = true,
        ["maximum"] = true,
        ["sum"] = true,
        ["skewness"] = false,
        ["excess_kurtosis"] = false,
        ["zero_ratio"] = false,
        ["negative_ratio"] = false,
        ["infinite_ratio"] = false,
        ["uniqueness"] = false,
        ["unique_value_ratio"] = false,
        ["entropy"] = false,
        ["minimum_length"] = false,
        ["mean_length"] = false,
        ["maximum_length"] = false,
        ["mean_norm"] = true,
        ["standard_deviation_norm"] = true,
    };

    /// <summary>Lists the figures of a profile.</summary>
    /// <param name="profile">The profile.</param>
    /// <returns>Name and value, in the order of the columns; <see langword="null"/> for a value that does not exist, as the mean of no values.</returns>
    public static IReadOnlyList<KeyValuePair<string, double?>> Of(DatasetProfile profile)
    {
        ArgumentNullException.ThrowIfNull(profile);
        var metrics = new List<KeyValuePair<string, double?>>();
        Add("row_count", profile.RowCount);
        Add("column_count", profile.Columns.Count + profile.Vectors.Count);
        foreach (var column in profile.Columns)
        {
            Add($"{column.Name}.completeness", column.CompletenessRatio);
            Add($"{column.Name}.distinct_count", column.DistinctValues.Estimate);
            Add($"{column.Name}.distinctness", column.DistinctValues.Estimate / column.RowCount);
            if (column.Moments is { } moments) AddMoments(column.Name, moments, column.Quantiles!);
            if (column.Values is { IsExact: true } values) AddValues(column, values);
            if (column.Texts is { Lengths: var lengths })
            {
                Add($"{column.Name}.minimum_length", lengths.Minimum);
                Add($"{column.Name}.mean_length", lengths.Mean);
                Add($"{column.Name}.maximum_length", lengths.Maximum);
            }

            if (profile.LabelInformation is { } information && information.Columns.Contains(column.Name)) Add($"{column.Name}.label_information", information[column.Name]);
        }

        foreach (var vector in profile.Vectors)
        {
            Add($"{vector.Name}.completeness", 1 - ((double)vector.MissingCount / vector.RowCount));
            Add($"{vector.Name}.mean_norm", vector.Norms.Mean);
            Add($"{vector.Name}.standard_deviation_norm", vector.Norms.StandardDeviation);
        }

        return metrics;

        void Add(string name, double value) => metrics.Add(new(name, double.IsFinite(value) ? value : null));

        void AddMoments(string column, MomentsSketch moments, KllSketch quantiles)
        {
            Add($"{column}.mean", moments.Mean);
            Add($"{column}.standard_deviation", moments.StandardDeviation);
            Add($"{column}.minimum", moments.Minimum);
            Add($"{column}.maximum", moments.Maximum);
            Add($"{column}.sum", moments.Sum);
            Add($"{column}.skewness", moments.Skewness);
            Add($"{column}.excess_kurtosis", moments.ExcessKurtosis);
            foreach (var rank in s_ranks)
                Add(string.Create(CultureInfo.InvariantCulture, $"{column}.{QuantilePrefix}{rank}"), quantiles.Count == 0 ? double.NaN : quantiles.GetQuantile(rank));
            Add($"{column}.zero_ratio", (double)moments.ZeroCount / moments.Count);
            Add($"{column}.negative_ratio", (double)moments.NegativeCount / moments.Count);
            Add($"{column}.infinite_ratio", (double)(moments.PositiveInfinityCount + moments.NegativeInfinityCount) / moments.Count);
        }

        void AddValues(ColumnProfile column, ValueCounts values)
        {
            double once = 0, entropy = 0;
            foreach (var (_, times) in values.GetOrdered())
            {
                if (times == 1) once++;
                var share = (double)times / values.Count;
                entropy -= share * Math.Log(share);
            }

            Add($"{column.Name}.uniqueness", once / column.RowCount);
            Add($"{column.Name}.unique_value_ratio", once / values.DistinctCount);
            Add($"{column.Name}.entropy", values.DistinctCount == 0 ? double.NaN : entropy);
        }
    }

    /// <summary>Gets the column that a metric is of.</summary>
    /// <param name="metric">The name of the metric.</param>
    /// <returns>The column; <see langword="null"/> where the name is none that <see cref="Of"/> gives to a figure of a column.</returns>
    public static string? GetColumn(string metric)
    {
        ArgumentNullException.ThrowIfNull(metric);
        return Split(metric) is { } parts ? parts.Column : null;
    }

    internal static bool HoldsDataValues(string metric) => Split(metric) is { HoldsValues: true };

    private static (string Column, bool HoldsValues)? Split(string metric)
    {
        var quantile = metric.LastIndexOf("." + QuantilePrefix, StringComparison.Ordinal);
        if (quantile > 0 && double.TryParse(metric.AsSpan(quantile + 1 + QuantilePrefix.Length), NumberStyles.Float, CultureInfo.InvariantCulture, out _)) return (metric[..quantile], true);
        var dot = metric.LastIndexOf('.');
        return dot > 0 && s_names.TryGetValue(metric[(dot + 1)..], out var holdsValues) ? (metric[..dot], holdsValues) : null;
    }
}
