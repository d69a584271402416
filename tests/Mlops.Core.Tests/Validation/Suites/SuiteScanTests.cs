using Mlops.Core.Tests.Models;
using Mlops.Data;
using Mlops.Models;
using Mlops.Testing;
using Mlops.Validation;
using static Mlops.Core.Tests.Validation.Suites.Checks;

namespace Mlops.Core.Tests.Validation.Suites;

public sealed class SuiteScanTests
{
    private static readonly InMemoryDataset s_data = Dataset(Numbers("x", 1, 2, 3), Numbers("y", 4, 5, 6));

    [Theory]
    [InlineData("obstacle")]
    [InlineData("begin")]
    [InlineData("add")]
    [InlineData("finish")]
    public async Task RunAsync_CheckThrows_IsAnErrorAndTheOthersGoOn(string where)
    {
        void Throw(string at)
        {
            if (at == where) throw new FormatException("The input string '4711' was not in a correct format.");
        }

        var broken = new DelegateCheck("broken")
        {
            Obstacle = _ => { Throw("obstacle"); return null; },
            Beginning = _ => Throw("begin"),
            Adding = _ => Throw("add"),
            Finishing = (_, _) => { Throw("finish"); return null!; },
        };
        var (before, after) = (new DelegateCheck("before"), new DelegateCheck("after"));

        var report = await new ValidationSuite("s", before, broken, after).RunAsync(s_data, Token);

        Assert.Equal([CheckStatus.Pass, CheckStatus.Error, CheckStatus.Pass], report.Results.Select(result => result.Status));
        Assert.IsType<FormatException>(report["broken"].Exception);
        Assert.Contains("FormatException", report["broken"].Summary, StringComparison.Ordinal);
        // Messages of others may quote values.
        Assert.DoesNotContain("4711", report.ToString(), StringComparison.Ordinal);
        Assert.Equal(3, Assert.Single(after.Batches).Rows.RowCount);
        Assert.Equal((CheckStatus.Error, 2), (report.Status, report.ExitCode));
        Assert.Equal("What does broken say?", report["broken"].Description);
    }

    [Fact]
    public async Task RunAsync_CheckEndsWithoutResult_IsAnError()
    {
        var report = await new ValidationSuite("s", new DelegateCheck("none") { Finishing = (_, _) => throw new InvalidOperationException("There is none.") }).RunAsync(s_data, Token);
        Assert.Equal("The check could not be carried out: There is none.", report["none"].Summary);
    }

    [Fact]
    public async Task RunAsync_Cancelled_EndsWithCancellation()
    {
        using var source = new CancellationTokenSource();
        var check = new DelegateCheck("c") { Adding = _ => source.Cancel(), Finishing = (_, token) => { token.ThrowIfCancellationRequested(); return null!; } };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => new ValidationSuite("s", check).RunAsync(s_data, source.Token));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => new ValidationSuite("s", check).RunAsync(s_data, source.Token));
    }

    [Fact]
    public async Task RunAsync_CheckCancelsItself_IsAnErrorOfThatCheck()
    {
        var report = await new ValidationSuite("s", new DelegateCheck("c") { Adding = _ => throw new OperationCanceledException() }, new DelegateCheck("d")).RunAsync(s_data, Token);
        Assert.Equal([CheckStatus.Error, CheckStatus.Pass], report.Results.Select(result => result.Status));
    }

    [Fact]
    public async Task RunAsync_UnreadableData_EndsTheRun()
    {
        var unreadable = new DelegateDataset(s_data.Schema, () => throw new DataFormatException("file.csv", 3, "x", "Not a number."));
        await Assert.ThrowsAsync<DataFormatException>(() => new ValidationSuite("s", new DelegateCheck("c")).RunAsync(unreadable, Token));
    }

    [Fact]
    public async Task RunAsync_Predictor_ShowsOutputsOfBothSets()
    {
        var sums = new List<double>();
        var check = new DelegateCheck("c") { Adding = batch => sums.AddRange(batch.Outputs!.Get<double>(0).Span.ToArray()) };

        var report = await new ValidationSuite("s", check).RunAsync(s_data, Dataset(Numbers("y", 1), Numbers("x", 2)), CreatePredictor((x, y) => x + y), Token);

        Assert.Equal([5, 7, 9, 3], sums);
        Assert.Equal([new CheckedDataset(DatasetPart.Train, "data", 3), new CheckedDataset(DatasetPart.Test, "data", 1)], report.Datasets);
    }

    [Fact]
    public async Task RunAsync_PredictorFails_OnlyChecksThatNeedItAreErrors()
    {
        var needs = new DelegateCheck("needs") { Obstacle = subject => subject.Predictor is null ? "There is no model." : null };
        var works = new DelegateCheck("works");
        await using var predictor = CreatePredictor((x, y) => x > 1 ? throw new PredictionFailedException("m", "The model is out of order.") : x);

        var report = await new ValidationSuite("s", needs, works).RunAsync(s_data, s_data, predictor, Token);

        Assert.Equal((CheckStatus.Error, CheckStatus.Pass), (report["needs"].Status, report["works"].Status));
        Assert.Equal("The model failed on the Train set: The model is out of order.", report["needs"].Summary);
        Assert.Equal(2, works.Batches.Count);
        Assert.All(works.Batches, batch => Assert.Null(batch.Outputs));
    }

    [Fact]
    public async Task RunAsync_TestSetLacksColumns_OnlyWhatNeedsThemFails()
    {
        var needs = new DelegateCheck("needs") { Obstacle = subject => subject.Predictor is null ? "There is no model." : null };
        var reads = new DelegateCheck("reads") { Adding = batch => _ = batch.Rows["y"] };
        var works = new DelegateCheck("works") { Beginning = context => { context.NeedProfiles(); context.NeedSamples(); }, Finishing = (context, _) =>
            new CheckResult("works", $"{context.GetProfile(DatasetPart.Test).RowCount} {context.GetSample(DatasetPart.Test).RowCount}", []) };
        await using var predictor = CreatePredictor((x, y) => x + y);

        var report = await new ValidationSuite("s", needs, reads, works).RunAsync(s_data, Dataset(Numbers("x", 1, 2)), predictor, Token);

        Assert.Equal([CheckStatus.Error, CheckStatus.Error, CheckStatus.Pass], report.Results.Select(result => result.Status));
        Assert.Contains("There is no column 'y'", report["needs"].Summary, StringComparison.Ordinal);
        Assert.Contains("There is no column 'y'", report["reads"].Summary, StringComparison.Ordinal);
        Assert.Equal("2 2", report["works"].Summary);
    }

    [Fact]
    public async Task RunAsync_NoRows_ChecksFinish()
    {
        var empty = new InMemoryDataset("empty", s_data.Schema);
        var check = new DelegateCheck("c") { Beginning = context => { context.NeedProfiles(); context.NeedSamples(); }, Finishing = (context, _) =>
            new CheckResult("c", $"{context.GetProfile(DatasetPart.Train).RowCount} {context.GetSample(DatasetPart.Train).RowCount}", []) };
        Assert.Equal("0 0", (await new ValidationSuite("s", check).RunAsync(empty, Token))["c"].Summary);
    }

    [Fact]
    public async Task RunAsync_ProfileNotAskedFor_SaysWhatToCall()
    {
        var check = new DelegateCheck("c") { Finishing = (context, _) => { context.GetProfile(DatasetPart.Train); return null!; } };
        Assert.Contains("NeedProfiles", (await new ValidationSuite("s", check).RunAsync(s_data, Token))["c"].Summary, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunAsync_Durations_AreThoseOfTheClock()
    {
        var clock = new ManualTimeProvider();
        var slow = new DelegateCheck("slow") { Adding = _ => clock.Advance(TimeSpan.FromSeconds(2)), Finishing = (_, _) => { clock.Advance(TimeSpan.FromSeconds(3)); return new CheckResult("slow", "", []); } };
        var suite = new ValidationSuite("s", slow) { TimeProvider = clock }.With(new DelegateCheck("fast"));

        var report = await suite.RunAsync(s_data, Token);

        Assert.Equal((TimeSpan.FromSeconds(5), TimeSpan.Zero), (report["slow"].Duration, report["fast"].Duration));
    }

    [Fact]
    public void Create_TwoChecksOfOneName_IsRefused()
    {
        Assert.Throws<ArgumentException>(() => new ValidationSuite("s", new DelegateCheck("a"), new DelegateCheck("a")));
        Assert.Throws<EntityNotFoundException>(() => new ValidationSuite("s", new DelegateCheck("a")).Without("b"));
        Assert.Empty(new ValidationSuite("s", new DelegateCheck("a")).Without("a").Checks);
    }

    private static DelegatePredictor CreatePredictor(Func<double, double, double> predict)
    {
        var signature = new ModelSignature([TensorSpec.Of<double>("x"), TensorSpec.Of<double>("y")], [TensorSpec.Of<double>("sum")]);
        return new DelegatePredictor(signature, (inputs, outputs) =>
        {
            for (var row = 0; row < inputs.Rows; row++) outputs.Get<double>(0).Span[row] = predict(inputs.Get<double>(0).Span[row], inputs.Get<double>(1).Span[row]);
        });
    }

    private sealed class DelegateDataset(DataSchema schema, Func<DataBatch> read) : IDataset
    {
        public string Name => "delegate";

        public DataSchema Schema => schema;

        public async IAsyncEnumerable<DataBatch> ReadAsync(ReadOptions? options = null, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            await Task.Yield();
            yield return read();
        }
    }
}
