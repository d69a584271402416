using Mlops.Data;
using Mlops.Testing;

namespace Mlops.Core.Tests.Data;

/// <summary>Every part of a split fulfils what every dataset must.</summary>
public abstract class SplitConformance : DatasetConformance
{
    protected static InMemoryDataset Data { get; } = RandomData.Create(seed: 1, rows: 2000, nulls: 0);
}

public sealed class RandomPartConformanceTests : SplitConformance
{
    protected override async Task<IDataset> CreateAsync() => (await DatasetSplitter.RandomAsync(Data)).Train;
}

public sealed class StratifiedPartConformanceTests : SplitConformance
{
    protected override async Task<IDataset> CreateAsync() => (await DatasetSplitter.StratifiedAsync(Data, column: "city")).Test;
}

public sealed class GroupFoldConformanceTests : SplitConformance
{
    protected override async Task<IDataset> CreateAsync() => (await DatasetSplitter.GroupKFoldAsync(Data))[1].Test;
}

public sealed class KeyPartConformanceTests : SplitConformance
{
    protected override Task<IDataset> CreateAsync() => Task.FromResult(DatasetSplitter.ByKey(Data).Test);
}

public sealed class PurgedFoldConformanceTests : SplitConformance
{
    protected override async Task<IDataset> CreateAsync() => (await DatasetSplitter.PurgedKFoldAsync(Data, 5, TimeSpan.FromSeconds(2)))[2].Train;
}
