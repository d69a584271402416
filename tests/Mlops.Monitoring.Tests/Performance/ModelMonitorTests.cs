using Mlops.Testing;

namespace Mlops.Monitoring.Tests;

public sealed class ModelMonitorTests
{
    private static readonly DateTimeOffset s_start = PredictionFeed.Start;
    private readonly ManualTimeProvider _time = new(s_start);
    private readonly PredictionFeed _feed = new();

    [Fact]
    public void Evaluate_InputsLikeTraining_FindsNoDrift()
    {
        var monitor = Create();
        _feed.PredictDays(monitor, 0, 30, 20);
        var snapshot = monitor.Evaluate(s_start.AddDays(30));
        Assert.Equal(580, snapshot.WindowRowCount);
        Assert.False(snapshot.Drift!.HasDrift, snapshot.Drift.ToString());
        Assert.Equal(["rain", "station", "temperature"], snapshot.Drift.Findings.Select(finding => finding.Column).Order());
        Assert.All(snapshot.Drift.Findings, finding => Assert.Equal(DriftVerdict.NoDrift, finding.Verdict));
        Assert.Equal(DriftVerdict.NoDrift, snapshot.PredictionDrift!.Verdict);
    }

    [Fact]
    public void Evaluate_SignatureObjectOfAReload_FollowsTheColumnsAsBefore()
    {
        var monitor = Create(new ModelMonitorOptions { MaximumColumns = 4 });
        _feed.PredictDays(monitor, 0, 15, 20);
        new PredictionFeed().PredictDays(monitor, 15, 15, 20);
        var snapshot = monitor.Evaluate(s_start.AddDays(30));
        Assert.All(snapshot.Drift!.Findings, finding => Assert.Equal(DriftVerdict.NoDrift, finding.Verdict));
    }

    [Fact]
    public void Evaluate_ShiftedInput_NamesTheColumn()
    {
        var monitor = Create();
        _feed.Shift = 0.4;
        _feed.PredictDays(monitor, 0, 30, 20);
        var snapshot = monitor.Evaluate(s_start.AddDays(30));
        Assert.Equal(1, snapshot.Drift!.DriftedColumnCount);
        Assert.Equal("temperature", snapshot.Drift.Findings[0].Column);
        Assert.Equal(DriftVerdict.Drift, snapshot.PredictionDrift!.Verdict);
    }

    [Fact]
    public void Evaluate_ShiftInThePast_LeavesTheWindow()
    {
        var monitor = Create();
        _feed.Shift = 0.4;
        _feed.PredictDays(monitor, 0, 30, 20);
        _feed.Shift = 0;
        _feed.PredictDays(monitor, 30, 30, 20);
        Assert.True(monitor.Evaluate(s_start.AddDays(30)).Drift!.HasDrift);
        var later = monitor.Evaluate(s_start.AddDays(60));
        Assert.False(later.Drift!.HasDrift);
        // What is older than every window is forgotten.
        Assert.Equal(s_start.AddDays(31), later.EarliestEventTime);
    }

    [Fact]
    public void Evaluate_TooFewRows_IsNotEnoughData()
    {
        var monitor = Create();
        _feed.PredictDays(monitor, 0, 1, 99);
        var snapshot = monitor.Evaluate(s_start.AddDays(1));
        Assert.All(snapshot.Drift!.Findings, finding => Assert.Equal(DriftVerdict.NotEnoughData, finding.Verdict));
        Assert.Equal(DriftVerdict.NotEnoughData, snapshot.PredictionDrift!.Verdict);
        Assert.Null(snapshot.Performance);
    }

    [Fact]
    public void Evaluate_NoReference_StillMeasuresPerformance()
    {
        var monitor = new ModelMonitor("ridership", new ModelMonitorOptions { MinimumLabels = 2 }, _time);
        Label(monitor, days: 2, error: 3);
        var snapshot = monitor.Evaluate(s_start.AddDays(2));
        Assert.Null(snapshot.Drift);
        Assert.Null(snapshot.PredictionDrift);
        Assert.Equal(3, snapshot.Performance!.GetValue("rmse")!.Value, 1e-9);
    }

    [Fact]
    public void Evaluate_MoreRowsThanCapacity_KeepsTheLatest()
    {
        var monitor = Create(new ModelMonitorOptions { Capacity = 1500, MinimumRows = 10 });
        _feed.Shift = 0.4;
        _feed.PredictDays(monitor, 0, 15, 100);
        _feed.Shift = 0;
        _feed.PredictDays(monitor, 15, 14, 107);
        _feed.Predict(monitor, s_start.AddDays(29), 2);
        var snapshot = monitor.Evaluate(s_start.AddDays(29));
        Assert.Equal(1500, snapshot.WindowRowCount);
        Assert.Equal(s_start.AddDays(15), snapshot.EarliestEventTime);
        Assert.False(snapshot.Drift!.HasDrift);
    }

    [Fact]
    public void Evaluate_BatchLargerThanCapacity_KeepsItsEnd()
    {
        var monitor = Create(new ModelMonitorOptions { Capacity = 300 });
        var id = _feed.Predict(monitor, s_start, 1000);
        var snapshot = monitor.Evaluate(s_start);
        Assert.Equal(300, snapshot.WindowRowCount);
        Assert.False(snapshot.Drift!.HasDrift);
        Assert.Equal(LabelOutcome.Unknown, monitor.RecordLabel(id, 1, s_start, row: 699));
        Assert.Equal(LabelOutcome.Joined, monitor.RecordLabel(id, 1, s_start, row: 700));
    }

    [Fact]
    public void Evaluate_OutOfOrderAndFutureRows_CountsByEventTime()
    {
        var monitor = Create();
        _feed.Predict(monitor, s_start.AddDays(40));
        _feed.Predict(monitor, s_start.AddDays(10));
        _feed.Predict(monitor, s_start.AddDays(20));
        Assert.Equal(2, monitor.Evaluate(s_start.AddDays(20)).WindowRowCount);
        Assert.Equal(2, monitor.Evaluate(s_start.AddDays(40)).WindowRowCount);
    }

    [Fact]
    public void RecordLabel_Delayed_JoinsAndMeasures()
    {
        var monitor = Create();
        Label(monitor, days: 40, error: 2);
        var snapshot = monitor.Evaluate(s_start.AddDays(40));
        Assert.Equal(29, snapshot.LabelledRowCount);
        Assert.Null(snapshot.Performance);
        Label(monitor, days: 40, error: 2);
        snapshot = monitor.Evaluate(s_start.AddDays(40));
        Assert.Equal(58, snapshot.LabelledRowCount);
        Assert.Equal(2, snapshot.Performance!.GetValue("rmse")!.Value, 1e-6);
        Assert.Equal(2, snapshot.Performance!.GetValue("mae")!.Value, 1e-6);
    }

    [Fact]
    public void RecordLabel_EveryOutcome_IsCounted()
    {
        var monitor = Create();
        var id = _feed.Predict(monitor, s_start, 2);
        Assert.Equal(LabelOutcome.Joined, monitor.RecordLabel(id, 1, s_start.AddDays(1)));
        Assert.Equal(LabelOutcome.Duplicate, monitor.RecordLabel(id, 2, s_start.AddDays(1)));
        Assert.Equal(LabelOutcome.Late, monitor.RecordLabel(id, 2, s_start.AddDays(31), row: 1));
        Assert.Equal(LabelOutcome.Unknown, monitor.RecordLabel(id, 2, s_start, row: 2));
        Assert.Equal(LabelOutcome.Unknown, monitor.RecordLabel(Guid.Empty, 2, s_start));
        Assert.Equal(LabelOutcome.Invalid, monitor.RecordLabel(id, double.NaN, s_start));
        Assert.Equal(new LabelCounts(1, 1, 1, 2, 1), monitor.Evaluate(s_start).Labels);
    }

    [Fact]
    public void OnPredicted_SameIdAgain_LabelBelongsToTheLatest()
    {
        var monitor = Create(new ModelMonitorOptions { MinimumLabels = 1, Capacity = 2 });
        var id = Guid.Parse("11111111-1111-1111-1111-111111111111");
        _feed.Predict(monitor, s_start, id: id, prediction: 5);
        _feed.Predict(monitor, s_start, id: id, prediction: 8);
        // The first one gives way, which must not take the identifier of the second with it.
        _feed.Predict(monitor, s_start);
        Assert.Equal(LabelOutcome.Joined, monitor.RecordLabel(id, 9, s_start));
        Assert.Equal(1, monitor.Evaluate(s_start).Performance!.GetValue("rmse")!.Value, 1e-6);
    }

    [Fact]
    public void OnPredicted_EmptyId_AssignsOneAndUsesTheClock()
    {
        var monitor = Create();
        var id = _feed.Predict(monitor, null);
        Assert.NotEqual(Guid.Empty, id);
        Assert.Equal(s_start, monitor.Evaluate(s_start).EarliestEventTime);
    }

    [Theory]
    [InlineData("another", "primary")]
    [InlineData("ridership", "shadow")]
    public void OnPredicted_NotThisModelsAnswer_IsIgnored(string model, string route)
    {
        var monitor = Create();
        _feed.Predict(monitor, s_start, model: model, route: route);
        Assert.Equal(0, monitor.Evaluate(s_start).WindowRowCount);
    }

    [Fact]
    public void OnPredicted_DisposedBatch_DoesNotThrow()
    {
        var monitor = Create();
        var signature = new Models.ModelSignature([Models.TensorSpec.Of<float>("x")], [Models.TensorSpec.Of<float>("y")]);
        var batch = signature.RentInputs(1);
        var outputs = signature.RentOutputs(1);
        batch.Dispose();
        monitor.OnPredicted(batch, outputs, new Models.PredictionContext(), TimeSpan.Zero);
        Assert.Equal(0, monitor.Evaluate(s_start).WindowRowCount);
    }

    [Fact]
    public void OnFailed_Counts()
    {
        var monitor = Create();
        monitor.OnFailed(new Models.PredictionContext { ModelName = "ridership" }, new InvalidOperationException(), TimeSpan.Zero);
        monitor.OnFailed(new Models.PredictionContext { ModelName = "another" }, new InvalidOperationException(), TimeSpan.Zero);
        Assert.Equal(1, monitor.Evaluate(s_start).FailureCount);
    }

    [Fact]
    public void SetReference_Promotion_JudgesTheNewVersionOnly()
    {
        var monitor = Create(new ModelMonitorOptions { MinimumLabels = 5 });
        Label(monitor, days: 10, error: 9);
        _feed.Version = "2";
        monitor.SetReference(PredictionFeed.CreateReference(), "2", PredictionFeed.Validation(1));
        Label(monitor, days: 10, error: 1);
        var snapshot = monitor.Evaluate(s_start.AddDays(10));
        Assert.Equal("2", snapshot.ModelVersion);
        Assert.Equal(1, snapshot.Performance!.GetValue("rmse")!.Value, 1e-6);
        Assert.Equal(10, snapshot.OtherVersionRowCount);
        Assert.Equal(20, snapshot.WindowRowCount);
    }

    [Fact]
    public void RecordLabel_Classifier_TakesTextsBooleansAndNumbers()
    {
        var monitor = new ModelMonitor("churn", new ModelMonitorOptions { MinimumLabels = 4 }, _time);
        var ids = PredictProbabilities(monitor, ["no", "yes"], 0.1f, 0.4f, 0.35f, 0.8f, 0.5f);
        Assert.Equal(LabelOutcome.Joined, monitor.RecordLabel(ids[0], "no", s_start));
        Assert.Equal(LabelOutcome.Joined, monitor.RecordLabel(ids[1], false, s_start));
        Assert.Equal(LabelOutcome.Joined, monitor.RecordLabel(ids[2], 1, s_start));
        Assert.Equal(LabelOutcome.Joined, monitor.RecordLabel(ids[3], "yes", s_start));
        Assert.Equal(LabelOutcome.Invalid, monitor.RecordLabel(ids[4], "YES", s_start));
        Assert.Equal(LabelOutcome.Invalid, monitor.RecordLabel(ids[4], 0.5, s_start));
        var snapshot = monitor.Evaluate(s_start);
        Assert.Equal(0.75, snapshot.Performance!.GetValue("roc_auc")!.Value, 1e-7);
        Assert.Equal(2, snapshot.Labels.Invalid);
    }

    [Fact]
    public void Evaluate_PositiveClassOrElement_IsJudged()
    {
        foreach (var options in new[] { new ModelMonitorOptions { PositiveClass = "no" }, new ModelMonitorOptions { OutputElement = 0 }, new ModelMonitorOptions { Output = 1, PositiveClass = "no" } })
        {
            options.MinimumLabels = 2;
            var monitor = new ModelMonitor("churn", options, _time);
            var ids = PredictProbabilities(monitor, ["no", "yes"], 0.125f, 0.875f);
            monitor.RecordLabel(ids[0], "no", s_start);
            monitor.RecordLabel(ids[1], "yes", s_start);
            Assert.Equal(-Math.Log(0.875), monitor.Evaluate(s_start).Performance!.GetValue("log_loss")!.Value, 1e-12);
        }
    }

    [Fact]
    public void Evaluate_NothingThatCanBeJudged_SaysWhyAndFollowsTheInputs()
    {
        var monitor = new ModelMonitor("churn", new ModelMonitorOptions { MinimumLabels = 1, PositiveClass = "maybe", Rules = { AlertRule.PerformanceBeyond("roc_auc", 0.5) } }, _time);
        var ids = PredictProbabilities(monitor, ["no", "yes"], 0.5f);
        monitor.RecordLabel(ids[0], 1, s_start);
        var snapshot = monitor.Evaluate(s_start);
        Assert.Null(snapshot.Performance);
        Assert.Contains("'no', 'yes'", snapshot.PerformanceProblem, StringComparison.Ordinal);
        Assert.Equal((AlertRuleState.Unknown, snapshot.PerformanceProblem), (snapshot.Rules[0].State, snapshot.Rules[0].Message));
        Assert.Equal(1, snapshot.WindowRowCount);
    }

    [Fact]
    public void Evaluate_EvaluatorThatDoesNotFit_SaysWhy()
    {
        var monitor = Create(new ModelMonitorOptions { MinimumLabels = 2, Evaluator = new Evaluation.ClassificationEvaluator() });
        Label(monitor, days: 5, error: 3);
        var snapshot = monitor.Evaluate(s_start.AddDays(5));
        Assert.Contains("RegressionEvaluator", snapshot.PerformanceProblem, StringComparison.Ordinal);
        Assert.NotNull(snapshot.Drift);
    }

    [Fact]
    public void RecordLabel_TextForANumber_SaysWhatToDo()
    {
        var monitor = Create();
        var id = _feed.Predict(monitor, s_start);
        Assert.Contains(nameof(ModelMonitorOptions.PositiveClass), Assert.Throws<InvalidOperationException>(() => monitor.RecordLabel(id, "yes", s_start)).Message, StringComparison.Ordinal);
    }

    private static Guid[] PredictProbabilities(ModelMonitor monitor, string[] classes, params ReadOnlySpan<float> positive)
    {
        var signature = new Models.ModelSignature(
            [Models.TensorSpec.Of<float>("x")], [new Models.TensorSpec("label", Data.ElementType.String, [-1]), Models.TensorSpec.Of<float>("probabilities", 2) with { Classes = classes }]);
        var ids = new Guid[positive.Length];
        for (var i = 0; i < ids.Length; i++)
        {
            using var inputs = signature.RentInputs(1);
            using var outputs = signature.RentOutputs(1);
            inputs.Get<float>(0).Span[0] = i;
            outputs.Get<string>(0).Span[0] = "";
            outputs.Get<float>(1).WriteRow(0, [1 - positive[i], positive[i]]);
            var context = new Models.PredictionContext { EventTime = s_start };
            monitor.OnPredicted(inputs, outputs, context, TimeSpan.Zero);
            ids[i] = context.Id;
        }

        return ids;
    }

    [Fact]
    public void OnPredicted_SteadyState_AllocatesNothing()
    {
        var monitor = Create(new ModelMonitorOptions { Capacity = 2000 });
        var signature = new Models.ModelSignature([Models.TensorSpec.Of<float>("features", 2, "temperature", "rain")], [Models.TensorSpec.Of<float>("riders")]);
        using var inputs = signature.RentInputs(1);
        using var outputs = signature.RentOutputs(1);
        var context = new Models.PredictionContext { ModelName = "ridership", ModelVersion = "1", EventTime = s_start };
        void Observe()
        {
            context.Id = Ids.CreateGuid(_time);
            monitor.OnPredicted(inputs, outputs, context, TimeSpan.Zero);
        }

        for (var i = 0; i < 10_000; i++) Observe();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 10_000; i++) Observe();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public async Task OnPredicted_ManyThreads_LosesNothing()
    {
        var monitor = Create(new ModelMonitorOptions { MinimumLabels = 1 });
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
        {
            var feed = new PredictionFeed();
            for (var i = 0; i < 500; i++)
            {
                var id = feed.Predict(monitor, s_start, prediction: 4);
                Assert.Equal(LabelOutcome.Joined, monitor.RecordLabel(id, 5, s_start));
                if (i % 100 == 0) monitor.Evaluate(s_start);
            }
        })));
        var snapshot = monitor.Evaluate(s_start);
        Assert.Equal(2000, snapshot.LabelledRowCount);
        Assert.Equal(1, snapshot.Performance!.GetValue("mae")!.Value, 1e-9);
    }

    [Fact]
    public void Constructor_OptionOutOfRange_Throws()
        => Assert.Throws<ArgumentException>(() => new ModelMonitor("ridership", new ModelMonitorOptions { Capacity = 0 }));

    private ModelMonitor Create(ModelMonitorOptions? options = null)
    {
        var monitor = new ModelMonitor("ridership", options, _time);
        monitor.SetReference(PredictionFeed.CreateReference(), "1", PredictionFeed.Validation(1));
        return monitor;
    }

    /// <summary>Predicts once a day; the true value comes a week later.</summary>
    private void Label(ModelMonitor monitor, int days, double error)
    {
        for (var day = 0; day < days; day++)
        {
            var id = _feed.Predict(monitor, s_start.AddDays(day), prediction: 10);
            monitor.RecordLabel(id, 10 + error, s_start.AddDays(day + 7));
        }
    }
}
