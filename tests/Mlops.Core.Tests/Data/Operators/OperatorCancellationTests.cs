using Mlops.Data;

namespace Mlops.Core.Tests.Data;

public sealed class OperatorCancellationTests
{
    public static TheoryData<string> Operators() => [.. s_operators.Keys];

    private static readonly Dictionary<string, Func<IDataset, IDataset>> s_operators = new()
    {
        ["Where"] = data => data.Where("id", (int _) => false),
        ["Skip"] = data => data.Skip(long.MaxValue),
        ["Sample"] = data => data.Sample(5, 1),
        ["Sort"] = data => data.Sort("id"),
        ["Derive"] = data => data.Derive("new", "id", (int id) => id),
        ["Join, left side"] = data => data.Join(RandomData.Create(2, 5), ["id"], suffix: "_r"),
        ["Join, right side"] = data => RandomData.Create(2, 5).Join(data, ["id"], suffix: "_r"),
        ["JoinAsOf, right side"] = data => RandomData.Create(2, 5).JoinAsOf(data, "time", new AsOfJoinOptions { Suffix = "_r" }),
        ["Distinct"] = data => data.Distinct("flag"),
        ["Rebatch"] = data => data.Rebatch(1_000_000),
    };

    [Theory]
    [MemberData(nameof(Operators))]
    public async Task ReadAsync_CancelledOnTheWay_EndsThere(string name)
    {
        // A source that does not look at the token: the operators themselves must.
        using var cancelled = new CancellationTokenSource();
        var batches = 0;
        var source = new RecordingDataset(new DeafDataset(RandomData.Create(1, 5000)))
        {
            BeforeBatch = async _ =>
            {
                if (++batches == 3) await cancelled.CancelAsync();
            },
        };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var batch in s_operators[name](source).ReadAsync(new ReadOptions { BatchRows = 10 }, cancelled.Token)) Assert.InRange(batch.RowCount, 1, 10);
        });
        Assert.InRange(batches, 3, 4);
    }

    private sealed class DeafDataset(IDataset source) : IDataset
    {
        public string Name => source.Name;

        public DataSchema Schema => source.Schema;

        public IAsyncEnumerable<DataBatch> ReadAsync(ReadOptions? options = null, CancellationToken cancellationToken = default) => source.ReadAsync(options, CancellationToken.None);
    }
}
