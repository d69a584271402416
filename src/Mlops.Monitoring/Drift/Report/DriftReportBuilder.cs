using Mlops.Data;
using Mlops.Evaluation;

namespace Mlops.Monitoring;

/// <summary>Makes a drift report: plans, tests the columns side by side, corrects, ranks.</summary>
internal sealed class DriftReportBuilder(IDriftSource source, DriftReportOptions options, CancellationToken cancellationToken)
{
    private static readonly MissingValues s_missing = new();

    public DriftReport Build()
    {
        var steps = DriftPlan.Create(source.Reference, source.Current, options);
        var counts = new MissingCounts[steps.Count];
        ForEach(steps.Count, i =>
        {
            if (steps[i].IsComparable) counts[i] = source.CountMissing(steps[i].Column.Name);
        });
        var tests = steps.Count(step => step.IsComparable) + options.RowTests.Count + (options.TestsMissingValues ? counts.Count(count => count.HasMissing) : 0);
        var testOptions = options.ToTestOptions(options.GetSignificance(tests));
        var found = new DriftFinding[steps.Count][];
        ForEach(steps.Count, i => found[i] = [.. Look(steps[i], counts[i], testOptions)]);
        List<DriftFinding> findings = [.. found.SelectMany(column => column), .. TestRows(steps, testOptions)];
        Correct(findings);
        return new DriftReport(source.ReferenceRowCount, source.CurrentRowCount, DriftRanking.Order(findings, finding => -finding.Result.PValue))
        {
            Significance = options.Significance,
            Correction = options.Correction,
        };
    }

    /// <summary>Chooses the test of every column that both sides have, without carrying it out.</summary>
    public IReadOnlyDictionary<string, IDriftTest> ChooseTests()
    {
        var tests = new Dictionary<string, IDriftTest>(StringComparer.Ordinal);
        foreach (var step in DriftPlan.Create(source.Reference, source.Current, options).Where(step => step.IsComparable))
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                tests[step.Column.Name] = Choose(step.Column, source.Load(step.Column));
            }
            catch (Exception exception) when (exception is not OperationCanceledException) // The report of each chunk says why.
            {
                continue;
            }
        }

        return tests;
    }

    private IDriftTest Choose(ColumnSchema column, ColumnPair pair) => options.Tests.GetValueOrDefault(column.Name) ?? ChooseByUser(column) ?? pair.Choose();

    private IDriftTest? ChooseByUser(ColumnSchema column)
    {
        try
        {
            return options.ChooseTest?.Invoke(column);
        }
        catch (Exception exception) when (exception is not OperationCanceledException) // One bad column never fails the report.
        {
            throw new TestChoiceException(exception);
        }
    }

    private IEnumerable<DriftFinding> Look(DriftStep step, MissingCounts counts, DriftTestOptions testOptions)
    {
        if (!step.IsComparable)
        {
            yield return new DriftFinding(step.Column.Name, step.Column.Type, DriftVerdict.NotComputable, new DriftResult("columns", DriftVerdict.NotComputable, step.Problem!, 0, 0)) { Kind = step.Kind };
            yield break;
        }

        yield return TestValues(step.Column, counts, testOptions);
        if (options.TestsMissingValues && counts.HasMissing)
            yield return Find(step.Column.Name, step.Column.Type, s_missing, s_missing.Test(counts, testOptions), DriftFindingKind.MissingValues);
    }

    private DriftFinding TestValues(ColumnSchema column, MissingCounts counts, DriftTestOptions testOptions)
    {
        IDriftTest? test = null;
        ColumnDistributions? distributions = null;
        try
        {
            var pair = source.Load(column);
            // Also of a column whose test fails.
            if (options.IncludesDistributions) distributions = pair.Describe();
            test = Choose(column, pair);
            var result = ExplainEmpty(pair.Test(test, testOptions, cancellationToken), column, counts);
            if (pair.RoundedTo is { } precision) result = result with { Reason = $"{result.Reason} Both sides were rounded to {precision}, which is all that one of them holds." };
            return Find(column.Name, column.Type, test, result, DriftFindingKind.Values) with { Distributions = distributions };
        }
        catch (Exception exception) when (exception is not OperationCanceledException) // One bad column never fails the report.
        {
            // Schemas are no secret, so what the choice says by them is told; a test has seen values, and its message may hold them.
            var reason = exception is TestChoiceException { InnerException: { } cause }
                ? $"{nameof(DriftReportOptions.ChooseTest)} failed with {cause.GetType().Name}: {cause.Message}"
                : $"The test failed with {exception.GetType().Name}.";
            var failed = new DriftResult(test?.Name ?? "choose-test", DriftVerdict.NotComputable, reason, counts.ReferencePresent, counts.CurrentPresent);
            return new DriftFinding(column.Name, column.Type, failed.Verdict, failed) { Distributions = distributions };
        }
    }

    /// <summary>Says of a column whose values are all missing what neither more rows nor a lower count would mend.</summary>
    private static DriftResult ExplainEmpty(DriftResult result, ColumnSchema column, MissingCounts counts)
    {
        var (isEmptyThen, isEmptyNow) = (counts is { ReferenceRows: > 0, ReferencePresent: 0 }, counts is { CurrentRows: > 0, CurrentPresent: 0 });
        if (result.Verdict != DriftVerdict.NotEnoughData || !(isEmptyThen || isEmptyNow)) return result;
        var sides = isEmptyThen && isEmptyNow ? "the reference and the current data" : isEmptyThen ? "the reference data" : "the current data";
        return result with { Reason = $"'{column.Name}' has no value in {sides}. Find out what leaves it empty, or leave it out with {nameof(DriftReportOptions.ExcludedColumns)}." };
    }

    private IEnumerable<DriftFinding> TestRows(IReadOnlyList<DriftStep> steps, DriftTestOptions testOptions)
    {
        if (options.RowTests.Count == 0) yield break;
        string[] columns = [.. steps.Where(step => step.IsComparable && step.Column is { Width: 1, Role: ColumnRole.Feature } column && column.Type.IsNumeric() && column.Type != ElementType.Boolean)
            .Select(step => step.Column.Name)];
        var rows = columns.Length == 0 ? null : RowColumns.Take(columns, source);
        foreach (var test in options.RowTests)
        {
            DriftFinding finding;
            try
            {
                var result = rows?.Test(test, testOptions, cancellationToken)
                    ?? DriftDecision.NotComputable(test, source.ReferenceRowCount, source.CurrentRowCount, columns.Length == 0 ? "There are no columns of numbers." : $"{test.Name} cannot compare profiles; give the datasets instead.");
                finding = Find(DriftFinding.AllNumbers, ElementType.Float64, test, result, DriftFindingKind.Rows);
            }
            catch (Exception exception) when (exception is not OperationCanceledException) // Nor does a bad test.
            {
                var failed = DriftDecision.NotComputable(test, source.ReferenceRowCount, source.CurrentRowCount, $"The test failed with {exception.GetType().Name}.");
                finding = new DriftFinding(DriftFinding.AllNumbers, ElementType.Float64, failed.Verdict, failed) { Kind = DriftFindingKind.Rows };
            }

            yield return finding;
        }
    }

    private DriftFinding Find(string column, ElementType type, IDriftTest test, DriftResult result, DriftFindingKind kind) => new(column, type, result.Verdict, result)
    {
        Kind = kind,
        MinimumEffect = result.Effect is null ? null : options.MinimumEffect ?? test.DefaultMinimumEffect,
        // Of an effect at the end of the range, the quotient is beyond it.
        RelativeEffect = result.Effect is { } effect ? Math.Min(double.MaxValue, test.DefaultMinimumEffect > 0 ? effect / test.DefaultMinimumEffect : effect) : null,
    };

    /// <summary>Corrects the p-values of all tests that could tell, and decides again by the corrected ones. Tests without a p-value or an effect, such as other tools' rules, have decided by themselves.</summary>
    private void Correct(List<DriftFinding> findings)
    {
        int[] tested = [.. Enumerable.Range(0, findings.Count).Where(i => findings[i] is { Result: { PValue: not null, Effect: not null }, Verdict: DriftVerdict.Drift or DriftVerdict.NoDrift })];
        var adjusted = MultipleTesting.Adjust(Array.ConvertAll(tested, i => findings[i].Result.PValue!.Value), options.Correction);
        for (var i = 0; i < tested.Length; i++)
        {
            var finding = findings[tested[i]];
            var result = DriftDecision.Correct(finding.Result, adjusted[i], options.Significance, finding.MinimumEffect);
            findings[tested[i]] = finding with { AdjustedPValue = adjusted[i], Verdict = result.Verdict, Result = result };
        }
    }

    private void ForEach(int count, Action<int> act)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (options.Parallelism == 1 || count < 2)
        {
            for (var i = 0; i < count; i++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                act(i);
            }

            return;
        }

        try
        {
            Parallel.For(0, count, new ParallelOptions { MaxDegreeOfParallelism = options.Parallelism, CancellationToken = cancellationToken }, act);
        }
        catch (AggregateException error) when (error.InnerExceptions is [var first, ..])
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(first); // What one thread would have thrown.
        }
    }

    /// <summary>Says that the choice of a test failed, not the test.</summary>
    private sealed class TestChoiceException(Exception cause) : Exception(cause.Message, cause);
}
