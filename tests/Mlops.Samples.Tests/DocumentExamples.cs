using Mlops.Data;
using Mlops.Evaluation;
using Mlops.Explanation;
using Mlops.Models;
using Mlops.Monitoring;
using Mlops.Onnx;
using Mlops.Profiles;
using Mlops.Serving;
using Mlops.Testing;
using Mlops.Training;

namespace Mlops.Samples.Tests;

/// <summary>The examples of docs/*.md, word for word, each in a directory of its own.</summary>
[Collection(nameof(WorkingDirectory))]
public sealed partial class DocumentExamples(WorkingDirectory here) : IClassFixture<WorkingDirectory>
{
    [Fact]
    public async Task Training_Example_Runs()
    {
        EnterWithChurn();
        // docs: training.md
        var data = (await CsvDataset.OpenAsync("churn.csv")).WithRole("churn", ColumnRole.Label);
        var split = await DatasetSplitter.StratifiedAsync(data, new SplitOptions { TestRatio = 0.2, Seed = 1 });

        var trainer = new LogisticTrainer(new LogisticOptions { C = 1, ClassWeights = ClassWeights.Balanced, PositiveClass = "yes" });
        var model = (GraphModel)await trainer.TrainAsync(new TrainingContext(split.Train));

        LinearCoefficients learned = LinearCoefficients.Of(model);
        double weight = learned.Get("international_plan=yes");
        double loss = model.TrainingMetrics["loss"];
        string table = learned.ToString();

        IExplainer explainer = await LinearExplainer.CreateAsync(model, background: split.Train);
        await foreach (DataBatch batch in split.Test.ReadAsync())
        {
            var explanation = await explainer.ExplainAsync(batch);
            ReadOnlySpan<double> ofFirstRow = explanation.GetAttributions(0); // log-odds that each column adds to explanation.BaseValue
        }
        // end
        Assert.InRange(weight, 1, 3);
        Assert.InRange(loss, 0.3, 0.7);
        Assert.Contains("international_plan=yes", table, StringComparison.Ordinal);
        var high = 0;
        // docs: training.md
        await using var predictor = model.CreatePredictor();
        IDataset predicted = predictor.Predict(split.Test); // the same rows and columns, and one more for each output of the model
        await foreach (DataBatch batch in predicted.Select("churn", "label", "probabilities").ReadAsync())
        {
            var labels = (TextColumn)batch["label"];
            var probabilities = (Column<float>)batch["probabilities"]; // shape (rows × classes)
            for (var row = 0; row < batch.RowCount; row++)
                if (probabilities.Values[(row * probabilities.Width) + 1] > 0.9) Console.WriteLine(labels.GetString(row)); // yes
        }
        // end
        await foreach (var batch in predicted.Select("label", "probabilities").ReadAsync())
        {
            for (var row = 0; row < batch.RowCount; row++)
            {
                if (((Column<float>)batch["probabilities"]).Values[(2 * row) + 1] <= 0.9) continue;
                high++;
                Assert.Equal("yes", ((TextColumn)batch["label"]).GetString(row));
            }
        }

        Assert.InRange(high, 1, 200);
    }

    [Fact]
    public async Task Clusters_Example_Runs()
    {
        EnterWithChurn();
        // docs: training.md
        var rows = (await CsvDataset.OpenAsync("churn.csv")).WithRole("churn", ColumnRole.Label).Take(1000);
        var model = (GraphModel)await new KMeansTrainer(new KMeansOptions { Clusters = 3 }).TrainAsync(new TrainingContext(rows));

        await using var predictor = model.CreatePredictor();
        InMemoryDataset assigned = await predictor.Predict(rows).Select(KMeansTrainer.Cluster, KMeansTrainer.Distances).ToMemoryAsync();
        int[] clusters = [.. assigned.Batches.SelectMany(batch => ((Column<long>)batch[KMeansTrainer.Cluster]).Values.ToArray()).Select(number => (int)number)];

        // How compact and how well apart they are, in the space that they were found in: that of the features, by the same preprocessing.
        FittedPreprocessor fitted = await Preprocessor.FitAsync(rows);
        var (width, points) = (fitted.FeatureNames.Count, new List<double>());
        await foreach (DataBatch batch in fitted.Transform(rows).ReadAsync()) // the features come first, one column each
            for (var row = 0; row < batch.RowCount; row++)
                for (var i = 0; i < width; i++) points.Add(((Column<float>)batch[i]).Values[row]);
        var shape = new ClusterShape(points.ToArray(), width, clusters);
        Console.WriteLine($"inertia {model.TrainingMetrics["inertia"]:0}, silhouette {shape.Silhouette()}, Davies–Bouldin {shape.DaviesBouldin()}");
        // end
        Assert.Equal((3, 1000), (shape.ClusterCount, shape.PointCount));
        Assert.InRange(shape.Silhouette().Value, 0.01, 1);
        // The inertia is the sum of the squared distances to the nearest centroid.
        var squares = assigned.Batches.SelectMany(batch => ((Column<float>)batch[KMeansTrainer.Distances]).Values.ToArray().Chunk(3)).Sum(distances => Math.Pow(distances.Min(), 2));
        Assert.Equal(model.TrainingMetrics["inertia"], squares, model.TrainingMetrics["inertia"] * 1e-4);
    }

    [Fact]
    public async Task Preprocessing_Example_Runs()
    {
        here.Enter();
        var random = new Random(1);
        await File.WriteAllLinesAsync("loans.csv", ["customer_id,income,debt,city,purpose,age,since,default", .. Enumerable.Range(0, 300).Select(i => FormattableString.Invariant(
            $"{i},{(i % 9 == 0 ? "" : $"{random.Next(1000, 9000)}")},{random.Next(0, 50_000)},{"BKU"[random.Next(3)]},{(i % 4 == 0 ? "car" : "home")},{random.Next(18, 90)},20{random.Next(10, 25)}-{random.Next(1, 13):00}-01,{random.Next(2)}"))]);
        // docs: preprocessing.md
        var data = (await CsvDataset.OpenAsync("loans.csv")).WithRole("default", ColumnRole.Label);
        var plan = new PreprocessingPlan(
            PreprocessingRule.Drop("customer_id"),
            PreprocessingRule.For(["income", "debt"], new ImputeStep { Value = NumericImputation.Median, AddIndicator = true }, new QuantileClipStep(), new RobustStep()),
            PreprocessingRule.For("city", new TargetEncodeStep(), new StandardizeStep()),
            PreprocessingRule.Numbers(new ImputeStep(), new StandardizeStep()),
            PreprocessingRule.Texts(new OneHotStep { MinCount = 20, Unseen = UnseenCategory.Other }),
            PreprocessingRule.Dates(new DatePartsStep { OneHot = [], Cyclic = [DatePart.Month], Missing = MissingDate.Zeros }));

        var trainer = new RidgeTrainer(new RidgeOptions { Preprocessing = plan });     // in a trainer
        FittedPreprocessor fitted = await Preprocessor.FitAsync(data, plan);           // or by itself
        IDataset features = fitted.Transform(data);                                    // a Float32 column for each feature, and the label
        IReadOnlyDictionary<string, string> forTheRun = plan.ToParams();               // a param for each rule
        // end
        Assert.Equal(["income", "debt", "income is missing", "age", "city", "purpose=car", "purpose=home", "purpose=(other)", "since month sin", "since month cos"], fitted.FeatureNames);
        Assert.Equal([.. fitted.FeatureNames, "default"], features.Schema.Select(column => column.Name));
        Assert.Equal(6, forTheRun.Count);
        Assert.Equal(10, ((LinearCoefficients.Of((GraphModel)await trainer.TrainAsync(new TrainingContext(data)))).FeatureNames).Count);
    }

    [Fact]
    public async Task Metrics_Example_Runs()
    {
        EnterWithChurn();
        // docs: metrics.md
        var data = (await CsvDataset.OpenAsync("churn.csv")).WithRole("churn", ColumnRole.Label);
        var (train, test) = (data.Take(3333), data.Skip(3333));
        await using var predictor = (await new LogisticTrainer().TrainAsync(new TrainingContext(train))).CreatePredictor();

        ModelOutcomes outcomes = (await EvaluationData.CreateAsync(predictor, test)).Outcomes;
        EvaluationResult result = EvaluationResult.Of(outcomes, [OutcomeMetrics.Get("roc_auc", outcomes.Task), OutcomeMetrics.Get("ece", outcomes.Task)]);
        Console.WriteLine(result["roc_auc"].Value); // 0.8…
        // end
        Assert.InRange(result["roc_auc"].Value!.Value, 0.8, 0.9);
        Assert.InRange(result["ece"].Value!.Value, 0, 0.1);
    }

    [Fact]
    public async Task Gates_Example_Runs()
    {
        EnterWithChurn();
        // docs: gates.md
        var data = (await CsvDataset.OpenAsync("churn.csv")).WithRole("churn", ColumnRole.Label);
        var (train, test) = (data.Take(3333), data.Skip(3333));
        var trainer = new LogisticTrainer(new LogisticOptions { PositiveClass = "yes" });
        await using var champion = (await trainer.TrainAsync(new TrainingContext(train.Take(200)))).CreatePredictor(); // what is in use
        IModel model = await trainer.TrainAsync(new TrainingContext(train));
        await using var predictor = model.CreatePredictor();
        await ModelDirectory.SaveAsync("candidate", model, new ModelSaveOptions { GoldenRows = await GoldenRows.CaptureAsync(predictor, test) });

        var options = new EvaluationOptions { Slices = [["international_plan"]] }; // a protected column must be a slice of both models
        var context = new ModelValidationContext(await EvaluationData.CreateAsync(predictor, test, options))
        {
            Champion = await EvaluationData.CreateAsync(champion, test, options),
            ChampionSignature = champion.Signature,
            Training = await EvaluationData.CreateAsync(predictor, train),
            Predictor = predictor,
            Rows = test,
            Package = new CandidatePackage("candidate", [new GraphModelFlavor()]),
        };
        var report = await ModelValidation.ValidateAsync(context, [.. ModelGates.Quality("roc_auc", protectedColumns: ["international_plan"]), new SignatureValidator(), new PackageValidator()]);
        report.EnsurePassed(); // only now move the alias
        // end
        Assert.Equal(["baseline"], report.Checks.Where(check => check.IsSkipped).Select(check => check.Validator));
    }

    [Fact]
    public async Task Drift_Example_Runs()
    {
        here.Enter();
        foreach (var (file, seed, shift) in new[] { ("training.csv", 1, 0), ("live.csv", 2, 9) })
        {
            var random = new Random(seed);
            await File.WriteAllLinesAsync(file, ["age,income,city,bought", .. Enumerable.Range(0, 500).Select(_ => FormattableString.Invariant($"{random.Next(18, 80) + shift},{1000 + (random.NextDouble() * 9000):0.00},{"BKU"[random.Next(3)]},{random.Next(2)}"))]);
        }

        // docs: drift.md
        IDataset training = await CsvDataset.OpenAsync("training.csv"), live = await CsvDataset.OpenAsync("live.csv");
        DriftReport report = await DriftReport.CreateAsync(training, live);
        Console.WriteLine(report); // 1 of 4 columns drifted: age

        foreach (DriftFinding finding in report.Findings.Where(finding => finding.Verdict == DriftVerdict.Drift))
            Console.WriteLine($"{finding.Column}: {finding.Result.Test}, effect {finding.Result.Effect} {finding.Result.EffectInterval}, corrected p {finding.AdjustedPValue}");

        await using (var page = File.Create("drift.html")) await report.WriteHtmlAsync(page, "Drift of the week"); // one file, no script, at most about 1 MB
        await File.WriteAllBytesAsync("drift.json", report.ToJson());
        await File.WriteAllTextAsync("drift.xml", report.ToJUnitXml()); // for the build server
        int exitCode = report.ExitCode; // 0: no drift; 1: drift; 2: something could not be told
        // end
        Assert.Equal("1 of 4 columns drifted: age", report.ToString());
        Assert.Equal(1, exitCode);
        Assert.True(File.Exists("drift.html") && File.Exists("drift.json") && File.Exists("drift.xml"));
        // docs: drift.md
        DatasetProfile profile = await DatasetProfile.CreateAsync(training);   // a few kilobytes a column; ToBytes, FromBytes, Merge
        DriftReport sinceTraining = await DriftReport.CreateAsync(profile, live);
        // end
        Assert.Equal(["age"], sinceTraining.Findings.Where(finding => finding.Verdict == DriftVerdict.Drift).Select(finding => finding.Column));
        // docs: drift.md
        var options = new DriftReportOptions
        {
            ExcludedColumns = ["city"],                                                                                    // a name that neither side has is reported
            Tests = new Dictionary<string, IDriftTest> { ["income"] = new Wasserstein(), ["bought"] = new ChiSquared() },   // whatever their role and type
            ChooseTest = column => column.Type == ElementType.Int64 ? new AndersonDarling() : null,                         // null: as the table says
            RowTests = [new DomainClassifierDrift()],                                                                      // finds what no column shows by itself
        };
        DriftReport chosen = await DriftReport.CreateAsync(training.WithRole("bought", ColumnRole.Label), live, options);
        // end
        Assert.Equal(["anderson-darling", "wasserstein", "chi-squared", "domain-classifier"], new[] { "age", "income", "bought", "(all numbers)" }.Select(name => chosen.Findings.Single(finding => finding.Column == name).Result.Test));
        live = training;
        // docs: drift.md
        await DriftAssert.NoDriftAsync(training, live, options, allowsUntested: true); // in a test of xunit.v3: fails with what drifted
        // end
        // docs: drift.md
        var asBefore = new DriftReportOptions
        {
            ChooseTest = _ => new EvidentlyDrift(), // its automatic choice; or new NannyMLDrift(NannyMLMethod.JensenShannon)
            MinimumCount = 1,
            TestsMissingValues = false,
        };
        DriftReport evidently = await DriftReport.CreateAsync(training, live, asBefore);
        bool datasetDrift = EvidentlyDrift.HasDatasetDrift([.. evidently.Findings.Select(finding => finding.Result)]);
        // end
        Assert.False(datasetDrift);
        Assert.Equal(4, evidently.TestedColumnCount);
        // docs: drift.md
        var asNannyML = new DriftReportOptions
        {
            ChooseTest = column => column.Type is ElementType.String or ElementType.Boolean
                ? new NannyMLDrift(NannyMLMethod.ChiSquared)
                : new NannyMLDrift(NannyMLMethod.KolmogorovSmirnov),
            MinimumCount = 1,
            TestsMissingValues = false,
        };
        DriftReport nannyML = await DriftReport.CreateAsync(training, live, asNannyML); // datasets: its limits come from chunks of the rows in their order
        // end
        Assert.Equal((4, 0), (nannyML.TestedColumnCount, nannyML.UntestedColumnCount));
        Assert.Equal("nannyml-chi2", nannyML.Findings.Single(finding => finding.Column == "city").Result.Test);
    }

    [Fact]
    public async Task TypedRows_Example_Runs()
    {
        double[] temperatures = [.. Enumerable.Range(0, 70).Select(i => (double)(i % 17))];
        bool[] holidays = [.. Enumerable.Range(0, 70).Select(i => i % 5 == 0)];
        var data = InMemoryDataset.FromColumns(
            "rides",
            (new ColumnSchema("temperature", ElementType.Float64), new Column<double>(temperatures)),
            (new ColumnSchema("is_holiday", ElementType.Boolean), new Column<bool>(holidays)),
            (new ColumnSchema("date", ElementType.Date, ColumnRole.Time), new Column<DateOnly>([.. Enumerable.Range(0, 70).Select(i => new DateOnly(2005, 11, 1).AddDays(i))])),
            (new ColumnSchema("rides", ElementType.Float64, ColumnRole.Label), new Column<double>([.. temperatures.Zip(holidays, (degrees, isHoliday) => (2 * degrees) - (isHoliday ? 5 : 0))])));
        var model = await new RidgeTrainer(new RidgeOptions { Alpha = 1e-6 }).TrainAsync(new TrainingContext(data));
        await using var predictor = model.CreatePredictor();
        // docs: typed-rows.md
        IPredictor<Day, Rides> typed = predictor.AsTyped<Day, Rides>();
        Rides rides = await typed.PredictAsync(new Day(18.5f, IsHoliday: false, new DateOnly(2006, 1, 2)));
        // end
        Assert.Equal(37, rides.Count, 0.1);
        var batch = await data.ReadAsync(new ReadOptions { BatchRows = 70 }).FirstAsync();
        // docs: typed-rows.md
        IReadOnlyDictionary<string, object> one = await predictor.PredictAsync(new Dictionary<string, object?> { ["temperature"] = 18.5, ["is_holiday"] = false, ["date"] = new DateOnly(2006, 1, 2) });
        float riders = (float)one["prediction"];

        DataBatch many = await predictor.PredictAsync(batch); // one column for each output
        float first = ((Column<float>)many["prediction"]).Values[0];
        // end
        Assert.Equal(rides.Count, riders, 1e-4);
        Assert.Equal((70, -5f), (many.RowCount, MathF.Round(first)));
    }

    [Fact]
    public async Task Serving_Example_Runs()
    {
        here.Enter();
        // docs: serving.md
        var sold = InMemoryDataset.FromColumns(
            "homes",
            (new ColumnSchema("area", ElementType.Float64), new Column<double>([28, 45, 50, 62, 71, 80, 95])),
            (new ColumnSchema("rooms", ElementType.Int64), new Column<long>([1, 2, 1, 3, 2, 4, 3])),
            (new ColumnSchema("city", ElementType.String), TextColumn.FromStrings("Ulm", "Bonn", "Ulm", "Bonn", "Bonn", "Ulm", "Ulm")),
            (new ColumnSchema("price", ElementType.Float64, ColumnRole.Label), new Column<double>([94, 155, 160, 216, 233, 280, 315])));
        var trained = await new RidgeTrainer(new RidgeOptions { Alpha = 1e-6 }).TrainAsync(new TrainingContext(sold));
        await File.WriteAllBytesAsync("homes.onnx", OnnxExporter.Export((IGraphModel)trained)); // or what another program has written

        using var onnx = await OnnxModel.LoadAsync("homes.onnx");
        Console.WriteLine(onnx.Signature); // (numeric: Float64[?, 2], city: String[?, 1]) → (prediction: Float32[?, 1])
        await ModelDirectory.SaveAsync("homes", onnx); // whoever puts another one in its place swaps the model

        await using var log = new PayloadLog(new PayloadLogOptions { Directory = "payloads" });
        await using var host = new ModelHost(new ModelLoader([new OnnxFlavor()]), observers: [log]);
        await host.AddAsync("homes", ModelSource.FromDirectory("homes"), new HostedModelOptions().UseBatching());

        // By the columns that it was trained on, which an ONNX file of ours tells.
        IReadOnlyDictionary<string, object> one = await host.Get("homes").PredictAsync(new Dictionary<string, object?> { ["area"] = 50, ["rooms"] = 3, ["city"] = "Ulm" });
        Price price = await host.GetTyped<Home, Price>("homes").PredictAsync(new Home(50, 3, "Ulm"));
        Console.WriteLine($"{one["prediction"]}, {price.Value}, by version {host.GetStatus("homes").Current!.Version.Version}");
        // end
        Assert.Equal("(numeric: Float64[?, 2], city: String[?, 1]) → (prediction: Float32[?, 1])", onnx.Signature.ToString());
        Assert.Equal(180, price.Value, 0.1);
        Assert.Equal(price.Value, one["prediction"]);
    }

    private void EnterWithChurn()
    {
        here.Enter();
        File.Copy(Path.Combine(WorkingDirectory.Repository, "tests", "TestData", "churn.csv"), "churn.csv");
    }

    // docs: typed-rows.md
    [TensorRow(Tensor = "numeric", ElementType = ElementType.Float64)]
    public readonly partial record struct Day([TensorColumn("temperature")] float? Temperature, [TensorColumn("is_holiday")] bool IsHoliday, [TensorColumn("date")] DateOnly Date);

    [TensorRow]
    public readonly partial record struct Rides([TensorColumn("prediction")] float Count);
    // end

    // docs: serving.md
    [TensorRow(Tensor = "numeric", ElementType = ElementType.Float64)]
    public readonly partial record struct Home([TensorColumn("area")] double Area, [TensorColumn("rooms")] int Rooms, [TensorColumn("city")] string City);

    [TensorRow]
    public readonly partial record struct Price([TensorColumn("prediction")] float Value);
    // end
}
