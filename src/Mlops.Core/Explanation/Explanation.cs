namespace Mlops.Explanation;

/// <summary>How much each feature of some rows added to what a model predicted for them. Immutable.</summary>
public sealed class Explanation
{
    private readonly double[] _attributions;
    private readonly double[] _predictions;

    /// <summary>Creates an explanation over the caller's arrays, which the caller must not change afterwards.</summary>
    /// <param name="features">The features.</param>
    /// <param name="baseValue">What is predicted on average over the background, before anything is known of a row.</param>
    /// <param name="attributions">What each feature adds, shape (rows × features), row by row.</param>
    /// <param name="predictions">What is explained, shape (rows).</param>
    /// <exception cref="ArgumentException">The arrays do not belong together.</exception>
    public Explanation(IReadOnlyList<string> features, double baseValue, double[] attributions, double[] predictions)
    {
        ArgumentNullException.ThrowIfNull(features);
        ArgumentNullException.ThrowIfNull(attributions);
        ArgumentNullException.ThrowIfNull(predictions);
        if (attributions.Length != predictions.Length * features.Count)
            throw new ArgumentException($"{predictions.Length} rows of {features.Count} features each were expected; there are {attributions.Length} attributions.", nameof(attributions));
        Features = features;
        BaseValue = baseValue;
        _attributions = attributions;
        _predictions = predictions;
    }

    /// <summary>Gets the features: dataset columns.</summary>
    public IReadOnlyList<string> Features { get; }

    /// <summary>Gets what is explained: the output, and of class probabilities the class.</summary>
    /// <value>The default value is empty.</value>
    public string Output { get; init; } = "";

    /// <summary>Gets what the attributions add up to.</summary>
    /// <value>The default value is <see cref="ExplanationScale.Prediction"/>.</value>
    public ExplanationScale Scale { get; init; }

    /// <summary>Gets the number of rows.</summary>
    public int RowCount => _predictions.Length;

    /// <summary>Gets what is predicted on average over the background, before anything is known of a row.</summary>
    public double BaseValue { get; }

    /// <summary>Gets what is explained, shape (rows), in the unit of <see cref="Scale"/>: the base value and the attributions of the row add up to it.</summary>
    public ReadOnlySpan<double> Predictions => _predictions;

    /// <summary>Gets what each feature adds to the prediction of a row.</summary>
    /// <param name="row">The row, from 0.</param>
    /// <returns>The attributions, shape (features).</returns>
    public ReadOnlySpan<double> GetAttributions(int row) => _attributions.AsSpan(row * Features.Count, Features.Count);
}
