namespace Mlops.Training;

/// <summary>Scales a number linearly so that its least training value becomes <see cref="Minimum"/>, its largest <see cref="Maximum"/>. A constant column becomes <see cref="Minimum"/>.</summary>
public sealed record MinMaxStep : PreprocessingStep
{
    /// <summary>Gets what the least training value becomes.</summary>
    /// <value>The default value is 0.</value>
    public double Minimum { get; init; }

    /// <summary>Gets what the largest training value becomes.</summary>
    /// <value>The default value is 1.</value>
    public double Maximum { get; init; } = 1;

    /// <summary>Gets whether values outside of the training values are brought to the range's ends.</summary>
    /// <value>The default value is <see langword="false"/>: they come to lie outside of the range.</value>
    public bool Clip { get; init; }

    internal override void Check()
    {
        if (!double.IsFinite(Minimum)) throw new ArgumentOutOfRangeException(nameof(Minimum), Minimum, "The minimum must be a finite number.");
        if (!(Maximum > Minimum) || !double.IsFinite(Maximum)) throw new ArgumentOutOfRangeException(nameof(Maximum), Maximum, "The maximum must be a finite number above the minimum.");
    }

    /// <inheritdoc/>
    public override string ToString() => Describe("min-max", Text(Minimum), Text(Maximum), Clip ? "clip" : null);
}
