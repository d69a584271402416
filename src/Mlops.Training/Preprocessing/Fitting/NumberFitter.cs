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
    /// <param name="steps">The steps.</param>
    /// <param name="tensor">The tensor that holds the numbers, Float32 or Float64 (rows × columns).</param>
    /// <param name="prefix">What the names of the steps' tensors begin with.</param>
    /// <param name="names">What the numbers are.</param>
    /// <param name="columns">What the steps have learned of each of them.</param>
    public static void Add(GraphParts parts, IEnumerable<PreprocessingStep> steps, string tensor, string prefix, string[] names, FittedNumber[] columns)
    {
        var indicators = new List<(string Tensor, string[] Names)>();
        var (next, imputations) = (0, 0);
        foreach (var step in steps)
        {
            if (step is ImputeStep impute)
            {
                var nullable = Enumerable.Range(0, names.Length).Where(i => columns[i].IsMissing[imputations]).ToArray();
                imputations++;
                if (impute.AddIndicator && nullable.Length > 0) indicators.Add(AddIndicator(parts, tensor, prefix, names, nullable));
            }

            var count = step is MinMaxStep { Clip: true } ? 2 : 1;
            for (; count > 0; count--, next++) tensor = AddNode(parts, tensor, prefix, Array.ConvertAll(columns, column => column.Parts[next]));
        }

        parts.AddFeatures(tensor, names);
        foreach (var (indicator, indicatorNames) in indicators) parts.AddFeatures(indicator, indicatorNames);
    }

    /// <summary>Fits the steps to numbers that the model computes in 32-bit floating point, all made of one column, and adds their nodes.</summary>
    public static void FitSingles(GraphParts parts, IDataset dataset, IEnumerable<PreprocessingStep> steps, string tensor, string prefix, string column, string[] names, NumberSummary[] summaries)
        => Add(parts, steps, tensor, prefix, names, [.. summaries.Select((summary, i) => new NumberChain(dataset, names[i], column, summary, isSingle: true).Fit(steps))]);

    private static (string Tensor, string[] Names) AddIndicator(GraphParts parts, string tensor, string prefix, string[] names, int[] columns)
    {
        if (columns.Length < names.Length) tensor = parts.Add(new SelectOperator(columns), tensor, $"{prefix}_nullable");
        return (parts.Add(new MissingIndicatorOperator(), tensor, $"{prefix}_missing"), [.. columns.Select(i => $"{names[i]} is missing")]);
    }

    private static string AddNode(GraphParts parts, string tensor, string prefix, FittedNumberPart[] columns)
    {
        var (firsts, seconds) = (Array.ConvertAll(columns, column => column.First), Array.ConvertAll(columns, column => column.Second));
        return columns[0].Kind switch
        {
            NumberOperation.Impute => parts.Add(new ImputeOperator(firsts), tensor, $"{prefix}_imputed"),
            NumberOperation.Scale => parts.Add(new ScaleOperator(firsts, seconds), tensor, $"{prefix}_scaled"),
            _ => parts.Add(new ClipOperator(firsts, seconds), tensor, $"{prefix}_clipped"),
        };
    }
}
