using System.Globalization;
using Mlops.Data;

namespace Mlops.Training;

/// <summary>Fits steps for numbers to one column, from its summary alone.</summary>
/// <param name="dataset">The data, for errors.</param>
/// <param name="name">What the numbers are, for errors.</param>
/// <param name="column">The column that they come from, for errors.</param>
/// <param name="summary">What is known of them.</param>
/// <param name="isSingle">Whether the model computes them in 32-bit floating point, because the step before gives such numbers.</param>
internal sealed class NumberChain(IDataset dataset, string name, string column, NumberSummary summary, bool isSingle)
{
    private readonly List<FittedNumberPart> _parts = [];
    private readonly List<bool> _isMissing = [];
    private NumberSummary _summary = summary;

    private bool IsConstant => isSingle ? (float)_summary.Minimum == (float)_summary.Maximum : _summary.IsConstant;

    /// <summary>Fits the steps, one after another.</summary>
    /// <exception cref="ArgumentException">A step does not take numbers.</exception>
    /// <exception cref="DataFormatException">A step cannot be fitted, or a feature would not be finite in 32-bit floating point.</exception>
    public FittedNumber Fit(IEnumerable<PreprocessingStep> steps)
    {
        foreach (var step in steps)
        {
            switch (step)
            {
                case ImputeStep impute: Impute(impute); break;
                case StandardizeStep: Scale(_summary.Mean, _summary.StandardDeviation); break;
                case RobustStep robust: Scale(_summary.Quantile(0.5), _summary.Quantile(robust.UpperQuantile) - _summary.Quantile(robust.LowerQuantile)); break;
                case MinMaxStep minMax: MinMax(minMax); break;
                case QuantileClipStep clip: Clip(_summary.Quantile(clip.LowerQuantile), _summary.Quantile(clip.UpperQuantile)); break;
                default: throw new ArgumentException($"Column '{name}' holds numbers at the step '{step}', which takes {(step is DatePartsStep ? "dates" : "texts")}. To encode numbers as categories, cast the column to text first.");
            }
        }

        if (!float.IsFinite((float)_summary.Minimum) || !float.IsFinite((float)_summary.Maximum) || _parts.Exists(part => !double.IsFinite(part.First) || !double.IsFinite(part.Second)))
            throw new DataFormatException(dataset.Name, 0, column, "A feature made of the column lies outside of the numbers of 32-bit floating point (±3.4·10³⁸). Scale the column, cap or remove such values, or give it the role Ignored.");
        return new FittedNumber(_parts, _isMissing);
    }

    private void Impute(ImputeStep step)
    {
        _isMissing.Add(_summary.Missing > 0);
        var replacement = step.Value switch
        {
            NumericImputation.Mean => _summary.Mean,
            NumericImputation.Median => _summary.Quantile(0.5),
            NumericImputation.MostFrequent => _summary.IsExact ? _summary.MostFrequent() : throw new DataFormatException(
                dataset.Name, 0, column, string.Create(CultureInfo.InvariantCulture, $"The most frequent of more than {Preprocessor.MaxExactValues} values is not known. Impute the median, or fit to fewer rows.")),
            _ => step.Constant,
        };
        _parts.Add(new FittedNumberPart(NumberOperation.Impute, replacement));
        _summary = _summary.Impute(replacement);
    }

    private void Scale(double offset, double divisor)
    {
        // A constant column carries nothing; scaled by 1 it stays 0 for every value seen in training. Its mean may be wrong by rounding.
        if (IsConstant) AddScale(_summary.Minimum, 1);
        else AddScale(offset, divisor > 0 && IsUsable(1 / divisor) ? 1 / divisor : 1);
    }

    private void MinMax(MinMaxStep step)
    {
        var scale = (step.Maximum - step.Minimum) / (_summary.Maximum - _summary.Minimum);
        if (IsConstant || !IsUsable(scale)) scale = 1;
        AddScale(_summary.Minimum - (step.Minimum / scale), scale);
        if (step.Clip) Clip(step.Minimum, step.Maximum);
    }

    private void AddScale(double offset, double scale)
    {
        _parts.Add(new FittedNumberPart(NumberOperation.Scale, offset, scale));
        _summary = _summary.Scale(offset, scale);
    }

    private void Clip(double minimum, double maximum)
    {
        _parts.Add(new FittedNumberPart(NumberOperation.Clip, minimum, maximum));
        _summary = _summary.Clip(minimum, maximum);
    }

    private bool IsUsable(double scale) => isSingle ? float.IsFinite((float)scale) : double.IsFinite(scale);
}
