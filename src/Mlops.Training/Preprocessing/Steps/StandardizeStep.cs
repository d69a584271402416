namespace Mlops.Training;

/// <summary>Scales a number to mean 0 and standard deviation 1: minus its mean, divided by its population standard deviation. A constant column becomes 0.</summary>
public sealed record StandardizeStep : PreprocessingStep
{
    /// <inheritdoc/>
    public override string ToString() => "standardize";
}
