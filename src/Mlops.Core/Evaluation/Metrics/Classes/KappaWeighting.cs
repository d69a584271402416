namespace Mlops.Evaluation;

/// <summary>How bad it is for Cohen's kappa to take a class for another one.</summary>
public enum KappaWeighting
{
    /// <summary>Each error is as bad as any other.</summary>
    None,

    /// <summary>As bad as the positions of the two classes are apart.</summary>
    Linear,

    /// <summary>As bad as the square of how far the positions of the two classes are apart.</summary>
    Quadratic,
}
