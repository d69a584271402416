using System.Globalization;
using System.Text;

namespace Mlops.Tracking;

/// <summary>Translates what runs must fulfil: for one run at hand, or as the set of all runs that do.</summary>
/// <param name="scope">The experiments and metrics as numbers.</param>
/// <param name="plan">The query.</param>
internal sealed class RunConditions(RunSearchScope scope, SearchPlan plan)
{
    // As many characters of a value as the indexes hold.
    private const int PrefixLength = 64;

    /// <summary>Gets whether some condition names a metric that no run has, so that nothing is found.</summary>
    public bool AreNeverMet => plan.Conditions.Any(condition => condition.Field.Entity == SearchEntity.Metric && !scope.Metrics.ContainsKey(condition.Field.Key));

    /// <summary>Gets the condition on the run <c>r</c> of the experiment, where there is one only.</summary>
    public string OfOnlyExperiment => scope.Experiments is [var only] ? string.Create(CultureInfo.InvariantCulture, $"r.experiment = {only}") : "1 = 1";

    /// <summary>Gets whether an index alone tells which runs fulfil the condition. SQLite reads those of params and tags together with their tables, because they are on a computed column.</summary>
    public static bool IsCovered(SearchCondition condition)
        => condition.Field is { Entity: SearchEntity.Metric } or { Entity: SearchEntity.Dataset, Key: "name" } or { Entity: SearchEntity.Attribute, Key: "status" or "start_time" };

    /// <summary>Makes the conditions on the run <c>r</c> of experiment and stage.</summary>
    /// <param name="isIndexed">Whether an index on the experiment may serve them.</param>
    public string OfScope(bool isIndexed)
    {
        var stage = plan.View switch
        {
            LifecycleView.ActiveOnly => "r.stage = 0",
            LifecycleView.DeletedOnly => "r.stage = 1",
            _ => "1 = 1",
        };
        var column = isIndexed ? "r.experiment" : "+r.experiment";
        return scope.Experiments switch
        {
            null => stage,
            [] => "1 = 0",
            [var only] => string.Create(CultureInfo.InvariantCulture, $"{column} = {only} AND {stage}"),
            // Numbers that the database gave out, so they can stand in the text.
            _ => $"{column} IN ({Join(scope.Experiments)}) AND {stage}",
        };
    }

    /// <summary>Makes the condition on the run <c>r</c>.</summary>
    /// <param name="statement">Takes the values.</param>
    /// <param name="condition">The condition.</param>
    /// <param name="run">The number of the run, from the first table that has it, so that the condition is tried before further ones are read.</param>
    public string OfRun(SearchStatement statement, SearchCondition condition, string run) => condition.Field switch
    {
        { Entity: SearchEntity.Metric } => $"EXISTS (SELECT 1 FROM latest_metrics f WHERE f.run = {run} AND {OfMetric(statement, condition)})",
        { Entity: SearchEntity.Param } => $"EXISTS (SELECT 1 FROM params f WHERE f.run = {run} AND f.name = {statement.Add(condition.Field.Key)} AND {statement.Text("f.value", condition)})",
        { Entity: SearchEntity.Tag } => $"EXISTS (SELECT 1 FROM tags f WHERE f.run = {run} AND f.name = {statement.Add(condition.Field.Key)} AND {statement.Text("f.value", condition)})",
        // A dataset that was used without saying what for has no context.
        { Entity: SearchEntity.Dataset, Key: "context" } => $"EXISTS (SELECT 1 FROM inputs f WHERE f.run = {run} AND f.context <> '' AND {statement.Text("f.context", condition)})",
        { Entity: SearchEntity.Dataset } => $"EXISTS (SELECT 1 FROM inputs f WHERE f.run = {run} AND {statement.Text("f." + condition.Field.Key, condition)})",
        _ => OfAttribute(statement, condition, "r"),
    };

    /// <summary>Makes the statement that reads the numbers of all runs, of any experiment, that fulfil a condition, when an index serves it.</summary>
    /// <returns>The statement, or <see langword="null"/>.</returns>
    public string? ToSet(SearchStatement statement, SearchCondition condition) => condition.Field switch
    {
        { Entity: SearchEntity.Metric } => $"SELECT f.run FROM latest_metrics f WHERE {OfMetric(statement, condition)}",
        { Entity: SearchEntity.Param } when condition.Operator == SearchOperator.Equal => $"SELECT f.run FROM params f WHERE {OfValue(statement, condition)}",
        { Entity: SearchEntity.Tag } when condition.Operator == SearchOperator.Equal => $"SELECT f.run FROM tags f WHERE {OfValue(statement, condition)}",
        { Entity: SearchEntity.Dataset, Key: "name" } when condition.Operator is SearchOperator.Equal or SearchOperator.In
            => $"SELECT DISTINCT f.run FROM inputs f WHERE {statement.Text("f.name", condition)}",
        { Entity: SearchEntity.Attribute, Key: "run_id" } when condition.Operator is SearchOperator.Equal or SearchOperator.In => SetOfRuns(OfAttribute(statement, condition, "f")),
        { Entity: SearchEntity.Attribute, Key: "status" or "start_time" } => SetOfRuns(OfAttribute(statement, condition, "f")),
        _ => null,
    };

    /// <summary>Makes the statement that reads the numbers of all runs of the experiments; <see langword="null"/> when all are wanted.</summary>
    public string? ExperimentsToSet() => scope.Experiments is { Count: > 0 } ? $"SELECT f.number AS run FROM runs f WHERE f.experiment IN ({Join(scope.Experiments)})" : null;

    private static string SetOfRuns(string condition) => $"SELECT f.number AS run FROM runs f WHERE {condition}";

    private static string Join(IEnumerable<long> numbers) => string.Join(',', numbers.Select(number => number.ToString(CultureInfo.InvariantCulture)));

    // The first characters decide unless the text is longer than what the index holds.
    private static string OfValue(SearchStatement statement, SearchCondition condition)
    {
        var (text, prefix) = (condition.Value.Text!, Prefix(condition.Value.Text!));
        var start = $"f.name = {statement.Add(condition.Field.Key)} AND f.value_start = {statement.Add(prefix)}";
        return prefix.EnumerateRunes().Count() < PrefixLength ? start : $"{start} AND f.value = {statement.Add(text)}";
    }

    private static string Prefix(string text)
    {
        if (text.Length <= PrefixLength) return text;
        var prefix = new StringBuilder();
        foreach (var rune in text.EnumerateRunes().Take(PrefixLength)) prefix.Append(rune.ToString());
        return prefix.ToString();
    }

    private static string OfAttribute(SearchStatement statement, SearchCondition condition, string run) => condition.Field.Key switch
    {
        "run_id" => statement.Text(run + ".id", condition),
        "run_name" => statement.Text(run + ".name", condition),
        "user_id" => statement.Text(run + ".user_name", condition),
        "artifact_uri" => statement.Text($"('runs/' || {run}.id)", condition),
        "start_time" => statement.Whole(run + ".start_time", condition),
        "end_time" => statement.Whole(run + ".end_time", condition),
        "status" => OfStatus(condition, run),
        _ => throw new InvalidOperationException($"Runs have no attribute '{condition.Field.Key}'."),
    };

    private static string OfStatus(SearchCondition condition, string run)
    {
        long[] met = [.. Enum.GetValues<RunStatus>().Where(status => condition.IsMetBy(SearchStatusField.ToText(status))).Select(status => (long)status)];
        return met.Length == 0 ? "1 = 0" : $"{run}.status IN ({Join(met)})";
    }

    private string OfMetric(SearchStatement statement, SearchCondition condition)
        => $"f.name = {statement.Add(scope.Metrics[condition.Field.Key])} AND f.is_nan = 0 AND {statement.Number("f.value", condition)}";
}
