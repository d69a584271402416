using Mlops.Data;
using Mlops.Evaluation;
using Mlops.Models;
using Mlops.Monitoring;
using Mlops.Profiles;
using Mlops.Training;
using Mlops.Validation;

namespace Mlops.AotTest;

internal static class DataChecks
{
    public static async Task ValidateAndCompareAsync()
    {
        var days = (await CsvDataset.OpenAsync(Path.Combine(AppContext.BaseDirectory, "data", "chicago.csv"))).WithRole("ridership", ColumnRole.Label).WithRole("date", ColumnRole.Time);
        var (before, after) = (days.Take(2000), days.Skip(4000));
        var (training, current) = (DatasetProfile.FromJson((await DatasetProfile.CreateAsync(before)).ToJson()), await DatasetProfile.CreateAsync(after));

        ValidationSchema inferred = SchemaInference.Infer(training).Column("ridership").Required().Between(0, 1);
        var schema = ValidationSchema.FromJson(inferred.ToJson());
        var validation = await new DataValidator(schema).ValidateAsync(before);
        Check.That(validation.Verdict == ValidationVerdict.Fail && validation.ToHtml().Contains("ridership", StringComparison.Ordinal));

        var drift = DriftReport.Create(training, current);
        Check.That(drift.HasDrift && DriftReport.FromJson(drift.ToJson()).Findings.Count == drift.Findings.Count);

        await using var predictor = (await new RidgeTrainer().TrainAsync(new TrainingContext(before))).CreatePredictor();
        var evaluation = await EvaluationReport.CreateAsync(predictor, after.Take(300));
        Check.That(evaluation.RowCount == 300 && evaluation.ToHtml().Length > 1000);
    }
}
