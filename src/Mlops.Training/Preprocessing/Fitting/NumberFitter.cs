using System.Globalization;
using Mlops.Data;
using Mlops.Models;

namespace Mlops.Training;

/// <summary>Fits steps for numbers to columns of numbers that lie side by side in one tensor.</summary>
internal static class NumberFitter
{
    /// <summary>Whether a chain of steps needs the values, not only their moments.</summary>
    public static bool NeedsValues(IEnumerable<PreprocessingStep> steps)
        => steps.Any(step => step is RobustStep or QuantileClipStep or ImputeStep { Value: NumericImputation.Median or NumericImputation.MostFrequent });

    /// <summary>Adds the nodes of the steps, and the features that they make.</summary>
    /// <param name="parts">Takes the nodes.</param>
    /// <param name="dataset">The data, for errors.</param>
    /// <param name="steps">The steps.</param>
    /// <param name="tensor">The tensor that holds the numbers, Float32 (rows × columns).</param>
    /// <param name="prefix">What the names of the steps' tensors begin with.</param>
    /// <param name="names">What the numbers are, for features and errors.</param>
    /// <param name="summaries">What is known of each of them.</param>
    public static void Fit(GraphParts parts, IDataset dataset, IEnumerable<PreprocessingStep> steps, string tensor, string prefix, string[] names, NumberSummary[] summaries)
    {
        var indicators = new List<(string Tensor, string[] Names)>();
        foreach (var step in steps)
        {
            switch (step)
            {
                case ImputeStep impute:
                    if (impute.AddIndicator && AddIndicator(parts, tensor, prefix, names, summaries) is { } indicator) indicators.Add(indicator);
                    var replacements = names.Select((name, i) => (float)Replacement(dataset, impute, name, summaries[i])).ToArray();
                    tensor = parts.Add(new ImputeOperator(replacements), tensor, $"{prefix}_imputed");
                    summaries = [.. summaries.Select((summary, i) => summary.Impute(replacements[i]))];
                    break;
                case StandardizeStep: (tensor, summaries) = AddScale(parts, tensor, prefix, summaries, summary => (summary.Mean, summary.StandardDeviation)); break;
                case RobustStep robust:
                    (tensor, summaries) = AddScale(parts, tensor, prefix, summaries, summary => (summary.Quantile(0.5), summary.Quantile(robust.UpperQuantile) - summary.Quantile(robust.LowerQuantile)));
                    break;
                case MinMaxStep minMax: (tensor, summaries) = AddMinMax(parts, tensor, prefix, summaries, minMax); break;
                case QuantileClipStep clip: (tensor, summaries) = AddClip(parts, tensor, prefix, summaries, summary => (summary.Quantile(clip.LowerQuantile), summary.Quantile(clip.UpperQuantile))); break;
                default: throw new ArgumentException($"Column '{names[0]}' holds numbers at the step '{step}', which takes {(step is DatePartsStep ? "dates" : "texts")}. To encode numbers as categories, cast the column to text first.", nameof(steps));
            }
        }

        parts.AddFeatures(tensor, names);
        foreach (var (indicator, indicatorNames) in indicators) parts.AddFeatures(indicator, indicatorNames);
    }

    private static (string Tensor, string[] Names)? AddIndicator(GraphParts parts, string tensor, string prefix, string[] names, NumberSummary[] summaries)
    {
        var columns = Enumerable.Range(0, names.Length).Where(i => summaries[i].Missing > 0).ToArray();
        if (columns.Length == 0) return null;
        if (columns.Length < names.Length) tensor = parts.Add(new SelectOperator(columns), tensor, $"{prefix}_nullable");
        return (parts.Add(new MissingIndicatorOperator(), tensor, $"{prefix}_missing"), [.. columns.Select(i => $"{names[i]} is missing")]);
    }

    private static double Replacement(IDataset dataset, ImputeStep step, string name, NumberSummary summary) => step.Value switch
    {
        NumericImputation.Mean => summary.Mean,
        NumericImputation.Median => summary.Quantile(0.5),
        NumericImputation.MostFrequent => summary.IsExact ? summary.MostFrequent() : throw new DataFormatException(
            dataset.Name, 0, name, string.Create(CultureInfo.InvariantCulture, $"The most frequent of more than {Preprocessor.MaxExactValues} values is not known. Impute the median, or fit to fewer rows.")),
        _ => step.Constant,
    };

    private static (string Tensor, NumberSummary[] Summaries) AddScale(GraphParts parts, string tensor, string prefix, NumberSummary[] summaries, Func<NumberSummary, (double Offset, double Divisor)> fit)
    {
        var fits = Array.ConvertAll(summaries, summary => fit(summary));
        // A constant column carries nothing; scaled by 1 it stays 0 for every value seen in training.
        var scales = fits.Select((pair, i) => summaries[i].IsConstant || !(pair.Divisor > 0) || !float.IsFinite((float)(1 / pair.Divisor)) ? 1 : 1 / pair.Divisor).ToArray();
        return AddScale(parts, tensor, prefix, summaries, Array.ConvertAll(fits, pair => pair.Offset), scales);
    }

    private static (string Tensor, NumberSummary[] Summaries) AddMinMax(GraphParts parts, string tensor, string prefix, NumberSummary[] summaries, MinMaxStep step)
    {
        var range = step.Maximum - step.Minimum;
        var scales = Array.ConvertAll(summaries, summary => summary.IsConstant || !float.IsFinite((float)(range / (summary.Maximum - summary.Minimum))) ? 1 : range / (summary.Maximum - summary.Minimum));
        (tensor, summaries) = AddScale(parts, tensor, prefix, summaries, [.. summaries.Select((summary, i) => summary.Minimum - (step.Minimum / scales[i]))], scales);
        return step.Clip ? AddClip(parts, tensor, prefix, summaries, _ => (step.Minimum, step.Maximum)) : (tensor, summaries);
    }

    private static (string Tensor, NumberSummary[] Summaries) AddScale(GraphParts parts, string tensor, string prefix, NumberSummary[] summaries, double[] offsets, double[] scales)
        => (parts.Add(new ScaleOperator(Array.ConvertAll(offsets, value => (float)value), Array.ConvertAll(scales, value => (float)value)), tensor, $"{prefix}_scaled"),
            [.. summaries.Select((summary, i) => summary.Scale(offsets[i], scales[i]))]);

    private static (string Tensor, NumberSummary[] Summaries) AddClip(GraphParts parts, string tensor, string prefix, NumberSummary[] summaries, Func<NumberSummary, (double Minimum, double Maximum)> fit)
    {
        var bounds = Array.ConvertAll(summaries, summary => fit(summary));
        var step = new ClipOperator(Array.ConvertAll(bounds, pair => (float)pair.Minimum), Array.ConvertAll(bounds, pair => (float)pair.Maximum));
        return (parts.Add(step, tensor, $"{prefix}_clipped"), [.. summaries.Select((summary, i) => summary.Clip(bounds[i].Minimum, bounds[i].Maximum))]);
    }
}
