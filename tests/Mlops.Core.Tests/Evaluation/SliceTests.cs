using Mlops.Data;
using Mlops.Evaluation;
using Mlops.Tracking;

namespace Mlops.Core.Tests.Evaluation;

public sealed class SliceTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task CreateAsync_SlicesOfAllKinds_AreReadable()
    {
        var data = await EvaluationData.CreateAsync(JudgedModel.Create(), JudgedModel.Rows(1000), new EvaluationOptions { Slices = [["plan"], ["age"], ["x"], ["plan", "sex"]], SliceBins = 4 }, Token);
        var (plan, age, x, cross, sex) = (data.SliceColumns[0], data.SliceColumns[1], data.SliceColumns[2], data.SliceColumns[3], data.SliceColumns[4]);
        Assert.Equal(["basic", "legacy", "pro"], plan.Values);
        Assert.Equal(20, plan.RowsOf(SliceColumn.Missing).Length);
        Assert.Equal(4, age.Values.Count);
        Assert.StartsWith("< ", age.Values[0], StringComparison.Ordinal);
        Assert.Matches(@"^\[\d+, \d+\)$", age.Values[1]);
        Assert.StartsWith("≥ ", age.Values[3], StringComparison.Ordinal);
        Assert.All(Enumerable.Range(0, 4), code => Assert.InRange(x.RowsOf(code).Length, 249, 251));
        Assert.Equal("plan × sex", cross.Name);
        Assert.Contains("legacy × f", cross.Values);
        Assert.Contains("(missing) × m", cross.Values);
        Assert.Equal("sex", sex.Name);
        Assert.Equal(1000, cross.Codes.ToArray().Count(code => code >= 0));
    }

    [Fact]
    public async Task CreateAsync_NumbersOfABin_LieInIt()
    {
        var dataset = JudgedModel.Rows(500);
        var data = await EvaluationData.CreateAsync(JudgedModel.Create(), dataset, new EvaluationOptions { Slices = [["age"]] }, Token);
        var ages = ((Column<long>)dataset.Batches[0]["age"]).Values.ToArray();
        var column = data.SliceColumns[0];
        for (var code = 1; code < column.Values.Count - 1; code++)
        {
            var bounds = column.Values[code].Trim('[', ')').Split(", ").Select(text => long.Parse(text, System.Globalization.CultureInfo.InvariantCulture)).ToArray();
            Assert.All(column.RowsOf(code), row => Assert.True(ages[row] >= bounds[0] && ages[row] < bounds[1]));
        }
    }

    [Fact]
    public async Task CreateAsync_NumberOfMostRows_IsASliceOfItsOwn()
    {
        var snow = Enumerable.Range(0, 400).Select(i => i % 10 == 0 ? i / 100.0 + 0.25 : 0).ToArray();
        var data = await EvaluationData.CreateAsync(JudgedModel.Create(), With(JudgedModel.Rows(400), "snow", new Column<double>(snow)), new EvaluationOptions { Slices = [["snow"]] }, Token);
        var column = data.SliceColumns[0];
        Assert.Equal(["0", "≥ 0.25"], column.Values);
        Assert.Equal((360, 40), (column.RowsOf(0).Length, column.RowsOf(1).Length));
    }

    [Fact]
    public void Find_InfiniteFeature_IsNamedAndJudgedByItsRows()
    {
        const int Rows = 2000;
        double[] x = [.. Enumerable.Range(0, Rows).Select(i => i % 4 == 0 ? double.PositiveInfinity : i % 3)];
        var labels = Enumerable.Range(0, Rows).Select(i => (double)i).ToArray();
        var outcomes = new ModelOutcomes([], [.. labels.Select((label, i) => label + (double.IsInfinity(x[i]) ? 5 : 0.01))], labels);
        var schema = new DataSchema([new ColumnSchema("x", ElementType.Float64)]);
        var worst = WorstSliceSearch.Find(new DataBatch(schema, [new Column<double>(x)]), outcomes, cancellationToken: Token)!;
        Assert.Equal(5, worst.Metric.Value!.Value, 1e-9);
        Assert.Equal(0.01, worst.Rest.Value!.Value, 1e-9);
        Assert.Equal(0.25, worst.Ratio, 0.03);
    }

    /// <summary>All groups are treated alike: most intervals must say so (by percentiles of the samples none would), and hold the figure that was measured.</summary>
    [Fact]
    public void Evaluate_GroupsTreatedAlike_HasIntervalsThatReachNone()
    {
        var reached = 0;
        for (var seed = 0; seed < 40; seed++)
        {
            var random = new Random(seed);
            var labels = Enumerable.Range(0, 1000).Select(_ => random.NextDouble() < 0.4 ? 1.0 : 0).ToArray();
            var outcomes = new ModelOutcomes(["no", "yes"], [.. labels.SelectMany(_ => random.NextDouble() is var p ? new[] { 1 - p, p } : [])], labels);
            var column = new SliceColumn("group", ["a", "b", "c", "d", "e"], [.. labels.Select((_, row) => row % 5)]);
            var figures = Assert.Single(FairnessEvaluation.Evaluate(new EvaluationData(outcomes) { SliceColumns = [column] }, cancellationToken: Token)).Metrics;
            Assert.All(figures, figure => Assert.InRange(figure.Value!.Value, figure.Interval!.Value.Lower, figure.Interval.Value.Upper));
            if (figures[0].Interval!.Value.Lower == 0) reached++;
        }

        Assert.InRange(reached, 32, 40);
    }

    [Theory]
    [InlineData(1e-9, 0)]
    [InlineData(1e-300, 0)]
    [InlineData(1e-7, 1)]
    [InlineData(1e7, 0)]
    public async Task CreateAsync_NumbersCloseTogether_AreSlicesOfDifferentNames(double spacing, double start)
    {
        var numbers = Enumerable.Range(0, 400).Select(i => start + (i * spacing)).ToArray();
        var data = await EvaluationData.CreateAsync(JudgedModel.Create(), With(JudgedModel.Rows(400), "tiny", new Column<double>(numbers)), new EvaluationOptions { Slices = [["tiny"]] }, Token);
        var column = data.SliceColumns[0];
        Assert.Equal(5, column.Values.Distinct().Count());
        for (var code = 1; code < 4; code++)
        {
            var lower = double.Parse(column.Values[code].Trim('[', ')').Split(", ")[0], System.Globalization.CultureInfo.InvariantCulture);
            Assert.Equal(numbers[code * 80], lower, spacing / 2);
        }
    }

    [Fact]
    public void SliceColumn_ValuesOfOneName_AreRefused() => Assert.Throws<ArgumentException>(() => new SliceColumn("plan", ["a", "a"], [0, 1]));

    [Theory]
    [InlineData(-1.0)]
    [InlineData(double.NaN)]
    [InlineData(double.NegativeInfinity)]
    public async Task CreateAsync_WeightThatIsNone_IsToldWithItsColumn(double weight)
    {
        var rows = With(JudgedModel.Rows(4), "w", new Column<double>([1, weight, 1, 0]), ColumnRole.Weight);
        Assert.Equal("w", (await Assert.ThrowsAsync<DataFormatException>(() => EvaluationData.CreateAsync(JudgedModel.Create(), rows, null, Token))).Column);
        Assert.Equal("w", (await Assert.ThrowsAsync<DataFormatException>(() => EvaluationReport.CreateAsync(JudgedModel.Create(), rows, null, Token))).Column);
    }

    [Fact]
    public async Task CreateAsync_WeightsThatAreTextWideOrTwice_AreToldWithTheirColumn()
    {
        var ones = new Column<double>([1, 1, 1, 1]);
        InMemoryDataset[] all =
        [
            With(JudgedModel.Rows(4), "w", TextColumn.FromStrings("1", "1", "1", "1"), ColumnRole.Weight),
            With(JudgedModel.Rows(4), "w", new Column<double>([1, 1, 1, 1, 1, 1, 1, 1], null, 2), ColumnRole.Weight),
            With(With(JudgedModel.Rows(4), "w", ones, ColumnRole.Weight), "v", ones, ColumnRole.Weight),
        ];
        foreach (var rows in all)
            Assert.NotNull((await Assert.ThrowsAsync<DataFormatException>(() => EvaluationData.CreateAsync(JudgedModel.Create(), rows, null, Token))).Column);
    }

    [Fact]
    public async Task CreateAsync_ManyValues_KeepsTheMostFrequentAndOther()
    {
        var texts = Enumerable.Range(0, 400).Select(i => i < 200 ? $"often{i % 3}" : $"rare{i}").ToArray();
        var data = await EvaluationData.CreateAsync(JudgedModel.Create(), With(JudgedModel.Rows(400), "city", TextColumn.FromStrings(texts)), new EvaluationOptions { Slices = [["city"]], MaximumSliceValues = 4 }, Token);
        Assert.Equal(["often0", "often1", "often2", "other"], data.SliceColumns[0].Values);
        Assert.Equal(200, data.SliceColumns[0].RowsOf(3).Length);
        Assert.Equal([3], data.SliceColumns[0].MergedCodes);

        var crossed = (await EvaluationData.CreateAsync(JudgedModel.Create(), With(JudgedModel.Rows(400), "city", TextColumn.FromStrings(texts)), new EvaluationOptions { Slices = [["city", "sex"]], MaximumSliceValues = 10 }, Token)).SliceColumns[0];
        Assert.All(Enumerable.Range(0, crossed.Values.Count), code => Assert.Equal(crossed.Values[code].Contains("other", StringComparison.Ordinal), crossed.MergedCodes.Contains(code)));
        Assert.NotEmpty(crossed.MergedCodes);
    }

    [Fact]
    public async Task CreateAsync_ManyValuesOfASensitiveColumn_AreAllKept()
    {
        var texts = Enumerable.Range(0, 400).Select(i => $"r{i % 40:00}").ToArray();
        var rows = JudgedModel.Rows(400);
        var schema = new DataSchema([.. rows.Schema, new ColumnSchema("region", ElementType.String, ColumnRole.Sensitive)]);
        var dataset = new InMemoryDataset("rows", schema, new DataBatch(schema, [.. rows.Schema.Select(known => rows.Batches[0][known.Name]), TextColumn.FromStrings(texts)]));
        var region = (await EvaluationData.CreateAsync(JudgedModel.Create(), dataset, Token)).SliceColumns.Single(column => column.Name == "region");
        Assert.Equal(40, region.Values.Count);
        Assert.Empty(region.MergedCodes);
    }

    [Fact]
    public async Task CreateAsync_FlagsFewIntegersAndOnlyMissing_AreSlicesByValue()
    {
        var rows = With(With(With(JudgedModel.Rows(90), "flag", new Column<bool>([.. Enumerable.Range(0, 90).Select(i => i % 3 == 0)])), "stars", new Column<int>([.. Enumerable.Range(0, 90).Select(i => i % 5)])), "empty", new Column<double>(new double[90], [0, 0]));
        var data = await EvaluationData.CreateAsync(JudgedModel.Create(), rows, new EvaluationOptions { Slices = [["flag"], ["stars"], ["empty"]], IncludesSensitive = false }, Token);
        Assert.Equal(["false", "true"], data.SliceColumns[0].Values);
        Assert.Equal(["0", "1", "2", "3", "4"], data.SliceColumns[1].Values);
        Assert.Equal(90, data.SliceColumns[2].RowsOf(SliceColumn.Missing).Length);
        Assert.Equal(3, data.SliceColumns.Count);
    }

    [Fact]
    public async Task CreateAsync_UnknownColumnOrClass_NamesTheNearest()
    {
        var error = await Assert.ThrowsAsync<EntityNotFoundException>(() => EvaluationData.CreateAsync(JudgedModel.Create(), JudgedModel.Rows(10), new EvaluationOptions { Slices = [["paln"]] }, Token));
        Assert.Contains("'plan'", error.Message, StringComparison.Ordinal);
        var unknown = await Assert.ThrowsAsync<EntityNotFoundException>(() => EvaluationData.CreateAsync(JudgedModel.Create(), JudgedModel.Rows(10), new EvaluationOptions { PositiveClass = "maybe" }, Token));
        Assert.Contains("no, yes", unknown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task CreateAsync_OtherPositiveClass_IsLast()
    {
        var plain = (await EvaluationData.CreateAsync(JudgedModel.Create(), JudgedModel.Rows(200), Token)).Outcomes;
        var turned = (await EvaluationData.CreateAsync(JudgedModel.Create(), JudgedModel.Rows(200), new EvaluationOptions { PositiveClass = "no" }, Token)).Outcomes;
        Assert.Equal(["yes", "no"], turned.Classes);
        Assert.Equal(plain.GetPredictions(3)[0], turned.GetPredictions(3)[1]);
        Assert.Equal(1 - plain.Labels[3], turned.Labels[3]);
        var auc = OutcomeMetrics.Get(OutcomeMetrics.RocAuc, ModelTask.BinaryClassification);
        Assert.Equal(auc.Compute(plain).Value, auc.Compute(turned).Value, 1e-12);

        var three = new ModelOutcomes(["a", "b", "c"], [0.2, 0.5, 0.3, 0.1, 0.1, 0.8, double.NaN, 0, 0], [1, double.NaN, -1]).WithPositiveClass("b");
        Assert.Equal(["not b", "b"], three.Classes);
        Assert.Equal([0.5, 0.5, 0.9, 0.1, double.NaN, 0], three.Predictions.ToArray());
        Assert.Equal([1, double.NaN, ModelOutcomes.UnknownClass], three.Labels.ToArray());
    }

    [Fact]
    public async Task Evaluate_Slices_AreJudgedAloneAndSmallOnesAreNot()
    {
        var options = new EvaluationOptions { Slices = [["plan"]], IncludesSensitive = false, MinimumSliceRows = 30 };
        var data = await EvaluationData.CreateAsync(JudgedModel.Create(), JudgedModel.Rows(900), options, Token);
        var slices = SliceEvaluation.Evaluate(data, options, Token);
        Assert.Equal(["basic", "legacy", "pro", "(missing)"], slices.Select(slice => slice.Value));
        Assert.Equal(900, slices.Sum(slice => slice.RowCount));
        Assert.Equal(1, slices.Sum(slice => slice.Ratio), 1e-9);
        Assert.Null(slices[3].Metrics[0].Value);
        Assert.NotNull(slices[3].Metrics[0].UndefinedReason);
        var expected = OutcomeMetrics.Get(OutcomeMetrics.RocAuc, ModelTask.BinaryClassification).Compute(data.Outcomes.Select(data.SliceColumns[0].RowsOf(1)));
        Assert.Equal(expected.Value, slices[1].Metrics[0].Value!.Value, 1e-12);
        Assert.NotNull(slices[1].Metrics[0].Interval);
        var ranked = SliceEvaluation.Rank(slices);
        Assert.Equal("legacy", ranked[0].Value);
        Assert.Equal("(missing)", ranked[3].Value);
    }

    [Fact]
    public async Task Find_SliceThatIsWorse_IsNamedAndHoldsOnOtherRows()
    {
        var (outcomes, rows) = await Predict(JudgedModel.Create(), JudgedModel.Rows(6000));
        var worst = WorstSliceSearch.Find(rows, outcomes, null, Token)!;
        Assert.True(worst.IsFinding);
        Assert.Contains("plan = legacy", worst.Name, StringComparison.Ordinal);
        Assert.Matches(@"x ≥ (0\.9|1|2)", worst.Name);
        Assert.True(worst.Metric.Value < worst.Rest.Value);
        Assert.NotNull(worst.Metric.Interval);
        Assert.Equal(worst, WorstSliceSearch.Find(rows, outcomes, null, Token)! with { Columns = worst.Columns });
    }

    [Fact]
    public async Task Find_ModelThatIsRightEverywhere_IsRarelyAFinding()
    {
        var found = 0;
        for (var seed = 0; seed < 40; seed++)
        {
            var (outcomes, rows) = await Predict(JudgedModel.Create(isWrongSomewhere: false), JudgedModel.Rows(800, seed));
            // The area under the curve differs from slice to slice of x even for a perfect model; being calibrated does not.
            var metric = new OutcomeMetric("overconfidence", MetricDirection.Minimize, judged => Enumerable.Range(0, judged.RowCount).Average(row => judged.GetPredictions(row)[1] - judged.Labels[row]));
            if (WorstSliceSearch.Find(rows, outcomes, new EvaluationOptions { PrimaryMetric = metric, Seed = (ulong)seed }, Token) is { IsFinding: true }) found++;
        }

        Assert.InRange(found, 0, 5);
    }

    [Fact]
    public async Task Find_TooFewRowsOrNone_FindsNothing()
    {
        var (outcomes, rows) = await Predict(JudgedModel.Create(), JudgedModel.Rows(40));
        Assert.Null(WorstSliceSearch.Find(rows, outcomes, null, Token));
        Assert.Null(WorstSliceSearch.Find(rows.Take([]), outcomes.Select([]), null, Token));
        Assert.Throws<ArgumentException>(() => WorstSliceSearch.Find(rows, outcomes.Select([0]), null, Token));
    }

    [Theory]
    [InlineData("basic", "age = basic")]
    [InlineData("[18, 30)", "age in [18, 30)")]
    [InlineData("≥ 67", "age ≥ 67")]
    [InlineData("< 18", "age < 18")]
    [InlineData("(missing)", "age = (missing)")]
    public void Name_Value_ReadsAsACondition(string value, string expected) => Assert.Equal(expected, new SliceResult("age", value, 1, 1, []).Name);

    [Theory]
    [InlineData(3, 4, 4)]
    [InlineData(223.41, 223.62, 223.5)]
    [InlineData(-5, 5, 0)]
    [InlineData(0.1234567, 0.1234568, 0.1234568)]
    [InlineData(double.NegativeInfinity, 7, 7)]
    public void Between_TwoNumbers_IsRoundAndSeparatesThem(double below, double above, double expected)
    {
        var between = SliceRule.Between(below, above);
        Assert.True(between > below && between <= above);
        Assert.Equal(expected, between, 1e-9);
    }

    private static async Task<(ModelOutcomes, DataBatch)> Predict(Mlops.Models.IPredictor predictor, InMemoryDataset dataset)
        => ((await EvaluationData.CreateAsync(predictor, dataset, TestContext.Current.CancellationToken)).Outcomes, dataset.Batches[0]);

    private static InMemoryDataset With(InMemoryDataset dataset, string name, Column column, ColumnRole role = ColumnRole.Ignored)
    {
        var schema = new DataSchema([.. dataset.Schema, new ColumnSchema(name, column.Type, role) { Width = column.Width }]);
        return new InMemoryDataset(dataset.Name, schema, new DataBatch(schema, [.. dataset.Schema.Select(known => dataset.Batches[0][known.Name]), column]));
    }
}
