using Mlops.Data;
using Mlops.Validation;

namespace Mlops.Core.Tests.Validation.Suites;

/// <summary>A check that does as it is told.</summary>
internal sealed class DelegateCheck(string name) : IValidationCheck
{
    public string Name => name;

    public string Description => $"What does {name} say?";

    public ValidationSeverity Severity => ValidationSeverity.Error;

    public Func<ValidationSubject, string?> Obstacle { get; init; } = _ => null;

    public Action<CheckContext> Beginning { get; init; } = _ => { };

    public Action<CheckedBatch> Adding { get; init; } = _ => { };

    public Func<CheckContext, CancellationToken, CheckResult>? Finishing { get; init; }

    public List<CheckedBatch> Batches { get; } = [];

    public string? FindObstacle(ValidationSubject subject) => Obstacle(subject);

    public ICheckScan Begin(CheckContext context)
    {
        Beginning(context);
        return new Scan(this, context);
    }

    private sealed class Scan(DelegateCheck check, CheckContext context) : ICheckScan
    {
        public void Add(CheckedBatch batch)
        {
            check.Batches.Add(batch);
            check.Adding(batch);
        }

        public ValueTask<CheckResult> FinishAsync(CancellationToken cancellationToken)
            => new(check.Finishing?.Invoke(context, cancellationToken) ?? new CheckResult(check.Name, "Nothing is wrong.", [new CheckCondition("nothing is wrong", CheckStatus.Pass, "nothing")]));
    }
}

/// <summary>Makes datasets and runs single checks on them.</summary>
internal static class Checks
{
    public static CancellationToken Token => TestContext.Current.CancellationToken;

    public static (ColumnSchema, Column) Numbers(string name, params double[] values) => (new ColumnSchema(name, ElementType.Float64), new Column<double>(values));

    public static (ColumnSchema, Column) Integers(string name, params long[] values) => (new ColumnSchema(name, ElementType.Int64), new Column<long>(values));

    public static (ColumnSchema, Column) Texts(string name, params string?[] values) => (new ColumnSchema(name, ElementType.String), TextColumn.FromStrings(values));

    public static (ColumnSchema, Column) As(this (ColumnSchema Schema, Column Values) column, ColumnRole role) => (column.Schema with { Role = role }, column.Values);

    public static InMemoryDataset Dataset(params (ColumnSchema, Column)[] columns) => InMemoryDataset.FromColumns("data", columns);

    public static async Task<CheckResult> RunAsync(this IValidationCheck check, params (ColumnSchema, Column)[] columns) => await check.RunAsync(Dataset(columns));

    public static async Task<CheckResult> RunAsync(this IValidationCheck check, IDataset dataset)
    {
        var result = (await new ValidationSuite("s", check).RunAsync(dataset, Token)).Results[0];
        Assert.True(result.Exception is null, result.Exception?.ToString());
        return result;
    }

    /// <summary>The number of a row by which everything is generated.</summary>
    public static T[] Make<T>(int rows, Func<int, T> value) => [.. Enumerable.Range(0, rows).Select(value)];

    /// <summary>A number from 0 to 1 that looks random, the same in every run.</summary>
    public static double Random(int seed, int row) => (SplitMix64.At((ulong)seed, (ulong)row) >> 11) / (double)(1UL << 53);
}
