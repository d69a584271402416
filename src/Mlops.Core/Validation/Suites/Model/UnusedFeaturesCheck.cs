using System.Globalization;
using Mlops.Data;
using Mlops.Evaluation;
using Mlops.Models;

namespace Mlops.Validation;

/// <summary>Checks that a model uses the features it could learn from: that few of those whose values vary have next to no influence on its score.</summary>
/// <remarks>
/// <para>The importance of a feature is the rise of the loss (log loss of a classification, RMSE of a regression) on a sample of the test set, or the only one, when its values are shuffled among the rows,
/// the mean of some repeats; one that no input of the model takes has none. A feature is unused when its importance is below a share of the mean importance, and it varies when the probability
/// that two rows differ in it, in bins of equal counts where it is a number, is not below a share of the mean of that.</para>
/// <para>Source: L. Breiman, "Random forests", Machine Learning 45 (2001). Two features that say the same share their importance.</para>
/// </remarks>
public sealed class UnusedFeaturesCheck : IValidationCheck
{
    /// <inheritdoc/>
    public string Name => "unused_features";

    /// <inheritdoc/>
    public string Description => "Does the model use the features that vary?";

    /// <summary>Gets how bad it is when too many features are unused.</summary>
    /// <value>The default value is <see cref="ValidationSeverity.Warning"/>.</value>
    public ValidationSeverity Severity { get; init; } = ValidationSeverity.Warning;

    /// <summary>Gets the largest number of features that vary and are unused.</summary>
    /// <value>The default value is 5.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is negative.</exception>
    public int MaximumUnused { get; init => field = CheckLimit.AtLeast(value, 0); } = 5;

    /// <summary>Gets the importance below which a feature is unused, as a share of the mean importance.</summary>
    /// <value>The default value is 0.2.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is negative or not finite.</exception>
    public double MinimumImportanceRatio { get; init => field = CheckLimit.NotNegative(value); } = 0.2;

    /// <summary>Gets the spread from which on a feature varies, as a share of the mean spread.</summary>
    /// <value>The default value is 0.4.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is negative or not finite.</exception>
    public double MinimumSpreadRatio { get; init => field = CheckLimit.NotNegative(value); } = 0.4;

    /// <summary>Gets how often each feature is shuffled.</summary>
    /// <value>The default value is 3 times.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is below 1.</exception>
    public int Repeats { get; init => field = CheckLimit.AtLeast(value, 1); } = 3;

    /// <summary>Gets the number of rows that are predicted, evenly taken from the sample.</summary>
    /// <value>The default value is 2,000 rows.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is below 1.</exception>
    public int MaximumRows { get; init => field = CheckLimit.AtLeast(value, 1); } = 2000;

    /// <inheritdoc/>
    public string? FindObstacle(ValidationSubject subject)
        => ModelObstacles.Find(subject, ModelNeeds.Label) ?? (subject.JudgedSet().Schema.All(column => column.Role != ColumnRole.Feature) ? "No column has the role Feature." : null);

    /// <inheritdoc/>
    public ICheckScan Begin(CheckContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        context.NeedSamples();
        return new ModelScan(cancellationToken => MeasureAsync(context, cancellationToken));
    }

    private async ValueTask<CheckResult> MeasureAsync(CheckContext context, CancellationToken cancellationToken)
    {
        var part = context.Subject.JudgedPart();
        var outcomes = await context.GetSampleOutcomesAsync(part, cancellationToken).ConfigureAwait(false);
        int[] judged = [.. Enumerable.Range(0, outcomes.RowCount).Where(outcomes.IsJudged)];
        if (judged.Length < 2) return CheckResult.NotApplicable(Name, $"There {(judged.Length == 1 ? "is 1 row" : "are no rows")} to judge; values are shuffled among two at least.");
        var taken = Math.Min(Math.Max(2, MaximumRows), judged.Length);
        int[] rows = [.. Enumerable.Range(0, taken).Select(i => judged[(int)((long)i * judged.Length / taken)])];
        var (sample, before) = (context.GetSample(part).Take(rows), Loss(outcomes.Select(rows)));
        var inputs = context.Subject.Predictor!.Signature.Inputs.SelectMany(InputColumns).ToHashSet(StringComparer.Ordinal);
        var features = new List<Feature>();
        foreach (var column in sample.Schema.Where(column => column.Role == ColumnRole.Feature))
        {
            double importance = 0;
            for (var repeat = 0; repeat < Repeats && inputs.Contains(column.Name); repeat++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var shuffled = Shuffle(sample, column.Name, context.Subject.Seed + (ulong)repeat);
                importance += (Loss(await context.PredictAsync(shuffled, cancellationToken: cancellationToken).ConfigureAwait(false)) - before) / Repeats;
            }

            features.Add(new Feature(column.Name, inputs.Contains(column.Name), importance, FeatureSpread.Measure(sample[column.Name])));
        }

        return Judge(features, taken);
    }

    private CheckResult Judge(List<Feature> features, int rows)
    {
        var (importance, spread) = (features.Average(feature => Math.Max(0, feature.Importance)), features.Average(feature => feature.Spread));
        Feature[] unused = [.. features.Where(feature => importance <= 0 || feature.Importance < MinimumImportanceRatio * importance)];
        Feature[] varying = [.. unused.Where(feature => feature.Spread > 0 && feature.Spread >= MinimumSpreadRatio * spread)];
        var condition = ModelConditions.Judge(
            $"at most {MaximumUnused.ToString(CultureInfo.InvariantCulture)} features vary and are unused", varying.Length <= MaximumUnused, Severity,
            varying.Length == 0 ? "none" : $"{varying.Length.ToString(CultureInfo.InvariantCulture)}: {string.Join(", ", varying.Take(20).Select(feature => feature.Name))}{(varying.Length > 20 ? ", …" : "")}");
        var values = new OrderedDictionary<string, double?> { ["unused_varying"] = varying.Length, ["unused"] = unused.Length, ["features"] = features.Count };
        foreach (var feature in features) values[$"importance.{feature.Name}"] = feature.Importance;
        return new CheckResult(Name, $"The values of {features.Count.ToString(CultureInfo.InvariantCulture)} features were shuffled among {ModelConditions.Rows(rows)}.", [condition])
        {
            Values = values,
            Tables =
            [
                new CheckTable(
                    "Features by importance", ["feature", "rise of the loss", "share of the mean rise", "spread", "use"],
                    [
                        .. features.OrderByDescending(feature => feature.Importance).Select(feature => (IReadOnlyList<string>)
                            [
                                feature.Name, ModelConditions.Figure(feature.Importance), importance > 0 ? ModelConditions.Percent(feature.Importance / importance) : "–", ModelConditions.Figure(feature.Spread),
                                !feature.IsInput ? "no input of the model" : varying.Contains(feature) ? "unused" : unused.Contains(feature) ? "unused, hardly varies" : "used",
                            ]),
                    ]),
            ],
        };
    }

    private static double Loss(ModelOutcomes outcomes)
        => OutcomeMetrics.Evaluate(outcomes.IsClassification ? OutcomeMetrics.LogLoss : OutcomeMetrics.Rmse, outcomes) is var loss && loss.Value is { } value
            ? value
            : throw new InvalidOperationException($"The loss of shuffled rows is undefined: {loss.UndefinedReason}.");

    /// <summary>Shuffles the values of one column, in the way of R. A. Fisher and F. Yates.</summary>
    private static DataBatch Shuffle(DataBatch rows, string column, ulong seed)
    {
        var order = new int[rows.RowCount];
        for (var i = 0; i < order.Length; i++) order[i] = i;
        var random = new SplitMix64(seed);
        for (var i = order.Length - 1; i > 0; i--)
        {
            var other = (int)random.Next((ulong)i + 1);
            (order[i], order[other]) = (order[other], order[i]);
        }

        return new DataBatch(rows.Schema, rows.Schema.Select(schema => schema.Name == column ? rows[column].Take(order) : rows[schema.Name]));
    }

    private static IEnumerable<string> InputColumns(TensorSpec input) => input.Columns.Count > 0 ? input.Columns : [input.Name];

    private sealed record Feature(string Name, bool IsInput, double Importance, double Spread);
}
