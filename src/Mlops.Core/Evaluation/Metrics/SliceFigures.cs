namespace Mlops.Evaluation;

/// <summary>Computes metrics of the rows of each value of a column.</summary>
internal static class SliceFigures
{
    public static IReadOnlyList<EvaluationResult> Compute(ModelOutcomes outcomes, SliceColumn column, OutcomeMetric[] metrics)
    {
        var codes = Judge(outcomes, column);
        var judged = outcomes.Judged;
        var figures = metrics.Any(metric => metric.OfFigures is not null) && judged.Task == ModelTask.BinaryClassification
            ? judged.Figures.Scores.DecidedSlices(OutcomeFigures.Taken(judged), codes, column.Values.Count)
            : null;
        var rows = metrics.All(metric => metric.OfFigures is not null && figures is not null) ? null : Group(codes, column.Values.Count);
        return [.. Enumerable.Range(0, column.Values.Count + 1).Select(code => Evaluate(code < column.Values.Count ? code : SliceColumn.Missing))];

        EvaluationResult Evaluate(int code)
        {
            var own = figures is null ? null : code == SliceColumn.Missing ? figures.Missing : figures.Values[code];
            var slice = rows is null ? null : judged.Select(rows[code + 1]);
            return new EvaluationResult(
                own?.RowCount ?? slice!.RowCount,
                [.. metrics.Select(metric => own is not null && metric.OfFigures is { } compute ? EvaluationMetric.Of(metric.Name, compute(own), metric.Direction) : metric.Evaluate(slice!))]);
        }
    }

    /// <summary>Gets the codes of the rows that can be judged.</summary>
    private static int[] Judge(ModelOutcomes outcomes, SliceColumn column)
    {
        if (ReferenceEquals(outcomes, outcomes.Judged)) return column.Codes.ToArray();
        var codes = new List<int>(outcomes.RowCount);
        for (var row = 0; row < outcomes.RowCount; row++)
        {
            if (outcomes.IsJudged(row)) codes.Add(column.Codes[row]);
        }

        return [.. codes];
    }

    /// <summary>Gathers the rows of each value, those without one first.</summary>
    private static int[][] Group(int[] codes, int values)
    {
        var counts = new int[values + 1];
        foreach (var code in codes) counts[code + 1]++;
        var rows = Array.ConvertAll(counts, count => new int[count]);
        Array.Clear(counts);
        for (var row = 0; row < codes.Length; row++) rows[codes[row] + 1][counts[codes[row] + 1]++] = row;
        return rows;
    }
}
