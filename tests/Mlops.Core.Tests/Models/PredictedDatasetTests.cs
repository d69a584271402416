using Mlops.Data;
using Mlops.Models;

namespace Mlops.Core.Tests.Models;

public sealed class PredictedDatasetTests
{
    private const int Rows = 10;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Predict_RowsInBatchesOfAnySize_HaveTheirPredictionsBesideThem()
    {
        var predicted = Model().Predict(MakeData());
        Assert.Equal("rows", predicted.Name);
        Assert.Equal(["id", "x", "sign", "sign_1", "parts"], predicted.Schema.Select(column => column.Name));
        Assert.All(predicted.Schema.Skip(3), column => Assert.Equal((ColumnRole.Prediction, false), (column.Role, column.IsNullable)));
        Assert.Equal((ElementType.String, 1, ElementType.Float32, 2), (predicted.Schema["sign_1"].Type, predicted.Schema["sign_1"].Width, predicted.Schema["parts"].Type, predicted.Schema["parts"].Width));
        foreach (var size in new[] { 1, 3, Rows })
        {
            var row = 0;
            await foreach (var batch in predicted.ReadAsync(new ReadOptions { BatchRows = size }, Token))
            {
                for (var i = 0; i < batch.RowCount; i++, row++)
                {
                    Assert.Equal(100 + row, ((Column<long>)batch["id"]).Values[i]);
                    Assert.Equal(row < 5 ? "minus" : "plus", ((TextColumn)batch["sign_1"]).GetString(i));
                    Assert.Equal([row - 5f, 5f - row], ((Column<float>)batch["parts"]).Values.Slice(2 * i, 2).ToArray());
                }
            }

            Assert.Equal(Rows, row);
        }
    }

    [Fact]
    public async Task Predict_SomeColumns_AreReadWithoutTheOthers()
    {
        var some = await Model().Predict(MakeData()).Select("parts", "id").ToMemoryAsync(Token);
        Assert.Equal(["parts", "id"], some.Schema.Select(column => column.Name));
        Assert.Equal((Rows, 4f), (some.RowCount, ((Column<float>)some.Batches[0]["parts"]).Values[18]));
    }

    [Fact]
    public async Task Predict_RowThatCannotBePredicted_IsNamedByDatasetAndRow()
    {
        var model = Model((inputs, _) =>
        {
            var bad = inputs.Get<double>(0).Span.IndexOf(2.0);
            if (bad >= 0) throw new PredictionFailedException("model", "A category is new.") { Row = bad };
        });
        var error = await Assert.ThrowsAsync<PredictionFailedException>(async () =>
        {
            await foreach (var _ in model.Predict(MakeData()).ReadAsync(new ReadOptions { BatchRows = 3 }, Token)) Assert.NotNull(_);
        });
        // −5, −4, −3 | −2, −1, 0 | 1, 2, …
        Assert.StartsWith("rows, row 8 of the dataset, counted from 1: A category is new.", error.Message, StringComparison.Ordinal);
        Assert.Equal(1, error.Row);
    }

    [Fact]
    public async Task Predict_Cancelled_Stops()
    {
        using var source = new CancellationTokenSource();
        var predicted = Model((_, _) => source.Cancel()).Predict(MakeData());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var _ in predicted.ReadAsync(new ReadOptions { BatchRows = 1 }, source.Token)) Assert.NotNull(_);
        });
    }

    [Fact]
    public void Predict_DataThatDoesNotFit_NamesDatasetAndColumn()
    {
        var error = Assert.Throws<EntityNotFoundException>(() => Model().Predict(MakeData().Rename("x", "xx")));
        Assert.Equal("x", error.Name);
        Assert.Contains("rows has no column 'x'", error.Message, StringComparison.Ordinal);
        Assert.Contains("'xx'", error.Message, StringComparison.Ordinal);
        var open = new DelegatePredictor(new ModelSignature([TensorSpec.Of<double>("x")], [new TensorSpec("y", ElementType.Float32, [-1, -1])]), (_, _) => { });
        Assert.Contains(nameof(TensorBinding), Assert.Throws<ArgumentException>(() => open.Predict(MakeData())).Message, StringComparison.Ordinal);
    }

    /// <summary>x from −5 to 4.</summary>
    private static InMemoryDataset MakeData() => InMemoryDataset.FromColumns(
        "rows",
        (new ColumnSchema("id", ElementType.Int64, ColumnRole.Key), new Column<long>([.. Enumerable.Range(100, Rows).Select(id => (long)id)])),
        (new ColumnSchema("x", ElementType.Int32), new Column<int>([.. Enumerable.Range(-5, Rows)])),
        (new ColumnSchema("sign", ElementType.Boolean, ColumnRole.Label), new Column<bool>(new bool[Rows])));

    private static DelegatePredictor Model(Action<TensorBatch, TensorBatch>? before = null) => new(
        new ModelSignature([TensorSpec.Of<double>("x")], [TensorSpec.Of<string>("sign"), TensorSpec.Of<float>("parts", 2)]),
        (inputs, outputs) =>
        {
            before?.Invoke(inputs, outputs);
            for (var row = 0; row < inputs.Rows; row++)
            {
                var x = inputs.Get<double>(0).Span[row];
                outputs.Get<string>(0).Span[row] = x < 0 ? "minus" : "plus";
                (outputs.Get<float>(1).Span[2 * row], outputs.Get<float>(1).Span[(2 * row) + 1]) = ((float)x, -(float)x);
            }
        });
}
