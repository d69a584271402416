using System.Globalization;
using Mlops.Tracking;

namespace Mlops.Evaluation;

/// <summary>Keeps how a model version was judged in its tags, so that whoever serves it knows what to expect.</summary>
/// <remarks>The tag of a metric is <c>mlops.evaluation.minimize.rmse</c> or <c>mlops.evaluation.maximize.r2</c>, its value the number; a metric that is undefined has no tag.</remarks>
public static class EvaluationTags
{
    private const string Prefix = "mlops.evaluation.";
    private const string Rows = Prefix + "rows";

    /// <summary>Writes an evaluation as tags.</summary>
    /// <param name="evaluation">The evaluation.</param>
    /// <returns>The tags, for <see cref="NewModelVersion.Tags"/>.</returns>
    public static IReadOnlyDictionary<string, string> ToTags(this EvaluationResult evaluation)
    {
        ArgumentNullException.ThrowIfNull(evaluation);
        var tags = new Dictionary<string, string>(StringComparer.Ordinal) { [Rows] = evaluation.RowCount.ToString(CultureInfo.InvariantCulture) };
        foreach (var metric in evaluation.Metrics)
        {
            if (metric.Value is { } value) tags[PrefixOf(metric.Direction) + metric.Name] = value.ToString("R", CultureInfo.InvariantCulture);
        }

        return tags;
    }

    /// <summary>Reads the evaluation in the tags of a version.</summary>
    /// <param name="version">The version.</param>
    /// <returns>The evaluation; <see langword="null"/> when the version was registered without one.</returns>
    public static EvaluationResult? FindEvaluation(this ModelVersion version)
    {
        ArgumentNullException.ThrowIfNull(version);
        var metrics = new List<EvaluationMetric>();
        foreach (var direction in Enum.GetValues<MetricDirection>())
        {
            var prefix = PrefixOf(direction);
            foreach (var (tag, text) in version.Tags.OrderBy(tag => tag.Key, StringComparer.Ordinal))
            {
                if (tag.StartsWith(prefix, StringComparison.Ordinal) && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value))
                    metrics.Add(new EvaluationMetric(tag[prefix.Length..], value, direction));
            }
        }

        if (metrics.Count == 0) return null;
        _ = long.TryParse(version.Tags.GetValueOrDefault(Rows), NumberStyles.None, CultureInfo.InvariantCulture, out var rows);
        return new EvaluationResult(rows, metrics);
    }

    private static string PrefixOf(MetricDirection direction) => direction == MetricDirection.Minimize ? Prefix + "minimize." : Prefix + "maximize.";
}
