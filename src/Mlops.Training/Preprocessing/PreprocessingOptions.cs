namespace Mlops.Training;

/// <summary>How features are made ready for a linear model.</summary>
public sealed class PreprocessingOptions
{
    /// <summary>Gets what stands where a number is missing.</summary>
    /// <value>The default value is <see cref="NumericImputation.Mean"/>.</value>
    public NumericImputation Imputation { get; init; } = NumericImputation.Mean;

    /// <summary>Gets the constant for <see cref="NumericImputation.Constant"/>, in the unit of the column.</summary>
    /// <value>The default value is 0.</value>
    public double ImputationConstant { get; init; }

    /// <summary>Gets whether numbers are standardised: minus their mean, divided by their population standard deviation.</summary>
    /// <value>The default value is <see langword="true"/>.</value>
    public bool Standardize { get; init; } = true;

    /// <summary>Gets what stands where a text is missing.</summary>
    /// <value>The default value is <see cref="Training.MissingCategory.AsUnseen"/>.</value>
    public MissingCategory MissingCategory { get; init; } = MissingCategory.AsUnseen;

    /// <summary>Gets the largest number of categories of a text column, the most frequent first; the others are treated as unseen.</summary>
    /// <value>The default value is 100.</value>
    public int MaxCategories { get; init; } = 100;

    /// <summary>Gets whether the day of the week is taken from date columns (of the roles Feature and Time).</summary>
    /// <value>The default value is <see langword="true"/>.</value>
    public bool DayOfWeek { get; init; } = true;
}
