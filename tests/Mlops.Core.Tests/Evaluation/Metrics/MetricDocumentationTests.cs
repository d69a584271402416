using System.Text.RegularExpressions;
using Mlops.Evaluation;
using Mlops.Tracking;

namespace Mlops.Core.Tests.Evaluation;

/// <summary>docs/metrics.md tells of every metric what the code does.</summary>
public sealed partial class MetricDocumentationTests
{
    private static readonly string s_text = File.ReadAllText(TestFiles.PathOf("docs", "metrics.md"));

    [Theory]
    [InlineData(ModelTask.BinaryClassification, "## Two classes")]
    [InlineData(ModelTask.MulticlassClassification, "## More classes")]
    [InlineData(ModelTask.Regression, "## Numbers")]
    public void Document_OfATask_ListsItsMetricsWithTheirDirections(ModelTask task, string title)
    {
        var section = s_text[s_text.IndexOf(title, StringComparison.Ordinal)..];
        section = section[..section.IndexOf("\n## ", StringComparison.Ordinal)];
        var rows = Row().Matches(section);
        var isMain = OutcomeMetrics.Of(task).Select(metric => metric.Name).ToHashSet();
        Assert.Equal(OutcomeMetrics.All(task).Select(metric => (metric.Name, isMain.Contains(metric.Name), metric.Direction)), rows.Select(row =>
            (row.Groups["name"].Value, row.Groups["bold"].Length > 0, row.Groups["better"].Value == "larger" ? MetricDirection.Maximize : MetricDirection.Minimize)));
    }

    [Theory]
    [InlineData(typeof(RankingScores))]
    [InlineData(typeof(ClusterAgreement))]
    [InlineData(typeof(ClusterShape))]
    [InlineData(typeof(GroupFairness))]
    public void Document_OfACollector_NamesItsMetrics(Type collector)
    {
        var metrics = collector.GetMethods().Where(method => method.ReturnType == typeof(MetricValue)).Select(method => method.Name).Distinct().ToArray();
        Assert.True(metrics.Length >= 3);
        Assert.All(metrics, metric => Assert.Contains($"`{metric}`", s_text, StringComparison.Ordinal));
    }

    [GeneratedRegex(@"^\| (?<bold>\*\*)?`(?<name>[^`]+)`(\*\*)? \| .+ \| .+ \| (?<better>larger|smaller) \| .+ \|$", RegexOptions.Multiline)]
    private static partial Regex Row();
}
