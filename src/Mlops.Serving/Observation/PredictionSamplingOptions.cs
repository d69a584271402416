namespace Mlops.Serving;

/// <summary>Of which predictions an observer is told.</summary>
public sealed class PredictionSamplingOptions
{
    /// <summary>Gets or sets of which share of the predictions the observer is told.</summary>
    /// <value>The default value is 1: of all; from 0 to 1.</value>
    public double Ratio { get; set; } = 1;

    /// <summary>Gets or sets whether the observer is told of every failure, whatever <see cref="Ratio"/> says.</summary>
    /// <value>The default value is <see langword="true"/>.</value>
    public bool KeepFailures { get; set; } = true;

    internal void Validate()
    {
        if (!(Ratio is >= 0 and <= 1)) throw new ArgumentOutOfRangeException(nameof(Ratio), Ratio, "A ratio is from 0 to 1.");
    }
}
