using Mlops.Data;
using Mlops.Testing;

namespace Mlops.Core.Tests.Data;

/// <summary>Every operator makes a dataset that fulfils what every dataset must.</summary>
public abstract class OperatorConformance : DatasetConformance
{
    protected override Task<IDataset> CreateAsync() => Task.FromResult(Apply(RandomData.Create(seed: 1, rows: 2000)));

    protected abstract IDataset Apply(IDataset data);
}

public sealed class SelectConformanceTests : OperatorConformance
{
    protected override IDataset Apply(IDataset data) => data.Select("vector", "city", "id");
}

public sealed class RenameConformanceTests : OperatorConformance
{
    protected override IDataset Apply(IDataset data) => data.Rename(("id", "key"), ("key", "id")).Drop("amount").WithRole("day", ColumnRole.Label).WithName("renamed");
}

public sealed class WhereConformanceTests : OperatorConformance
{
    protected override IDataset Apply(IDataset data) => data.Where("city", (string city) => city != "Rome");
}

public sealed class DistinctConformanceTests : OperatorConformance
{
    protected override IDataset Apply(IDataset data) => data.Distinct("city", "key", "flag");
}

public sealed class TakeConformanceTests : OperatorConformance
{
    protected override IDataset Apply(IDataset data) => data.Skip(77).Take(1001);
}

public sealed class SampleConformanceTests : OperatorConformance
{
    protected override IDataset Apply(IDataset data) => data.Sample(333, seed: 5);
}

public sealed class SampleFractionConformanceTests : OperatorConformance
{
    protected override IDataset Apply(IDataset data) => data.SampleFraction(0.4, seed: 5);
}

public sealed class SortConformanceTests : OperatorConformance
{
    protected override IDataset Apply(IDataset data) => data.Sort("city", "amount");
}

public sealed class DeriveConformanceTests : OperatorConformance
{
    protected override IDataset Apply(IDataset data) => data.Derive("twice", "amount", (double amount) => amount * 2).Derive("id", "name", (string name) => name.Length);
}

public sealed class CastConformanceTests : OperatorConformance
{
    protected override IDataset Apply(IDataset data) => data.Cast("id", ElementType.Float32).Cast("amount", ElementType.Int16, CastFailure.Null);
}

public sealed class JoinConformanceTests : OperatorConformance
{
    protected override IDataset Apply(IDataset data) => data.Join(RandomData.Create(seed: 2, rows: 40), ["key"], JoinKind.Left, suffix: "_right");
}

public sealed class JoinAsOfConformanceTests : OperatorConformance
{
    protected override IDataset Apply(IDataset data) => data.JoinAsOf(RandomData.Create(seed: 2, rows: 300), "time", new AsOfJoinOptions { By = ["key"], Suffix = "_right", MatchedTime = "time_right" });
}

public sealed class ConcatConformanceTests : OperatorConformance
{
    protected override IDataset Apply(IDataset data) => data.Concat(RandomData.Create(seed: 2, rows: 70).Cast("id", ElementType.Float64), RandomData.Create(seed: 3, rows: 0));
}

public sealed class UnionConformanceTests : OperatorConformance
{
    protected override IDataset Apply(IDataset data) => data.Union(data);
}

public sealed class RebatchConformanceTests : OperatorConformance
{
    protected override IDataset Apply(IDataset data) => data.Rebatch(50);
}

public sealed class CacheConformanceTests : OperatorConformance
{
    protected override IDataset Apply(IDataset data) => data.Cache();
}
