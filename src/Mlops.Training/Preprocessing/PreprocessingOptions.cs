namespace Mlops.Training;

/// <summary>How features are made ready for a linear model: by a plan, or by a few settings for all columns of a kind.</summary>
public sealed class PreprocessingOptions
{
    /// <summary>Gets what is done with which columns; where there is a plan, the other settings are not used.</summary>
    /// <value>The default value is <see langword="null"/>: the plan that the other settings describe.</value>
    public PreprocessingPlan? Plan { get; init; }

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

    /// <summary>Takes a plan where options are asked for.</summary>
    /// <param name="plan">The plan.</param>
    public static implicit operator PreprocessingOptions(PreprocessingPlan plan) => FromPlan(plan);

    /// <summary>Takes a plan where options are asked for.</summary>
    /// <param name="plan">The plan.</param>
    /// <returns>Options of that plan.</returns>
    public static PreprocessingOptions FromPlan(PreprocessingPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        return new PreprocessingOptions { Plan = plan };
    }

    /// <summary>Gets the plan: <see cref="Plan"/>, or the one that the other settings describe.</summary>
    /// <returns>The plan.</returns>
    /// <exception cref="ArgumentException">A setting is out of its range.</exception>
    public PreprocessingPlan ToPlan()
    {
        if (Plan is not null) return Plan;
        var rules = new List<PreprocessingRule>
        {
            PreprocessingRule.Numbers([new ImputeStep { Value = Imputation, Constant = ImputationConstant }, .. Standardize ? [new StandardizeStep()] : Array.Empty<PreprocessingStep>()]),
            PreprocessingRule.Texts([.. MissingCategory == MissingCategory.MostFrequent ? [new ImputeTextStep()] : Array.Empty<PreprocessingStep>(), new OneHotStep { MaxCategories = MaxCategories }]),
        };
        if (DayOfWeek) rules.Add(PreprocessingRule.Dates(new DatePartsStep()));
        return new PreprocessingPlan(rules);
    }

    /// <summary>Gets the options as name and invariant text, for logging among the params of a run.</summary>
    /// <returns>A param for each rule of the plan, also where it is the one that the other settings describe.</returns>
    /// <exception cref="ArgumentException">A setting is out of its range.</exception>
    public IReadOnlyDictionary<string, string> ToParams() => ToPlan().ToParams();
}
