namespace Mlops.Evaluation;

/// <summary>How a bootstrap sample is drawn.</summary>
public enum BootstrapResampling
{
    /// <summary>As many rows as there are, with replacement: the counts of the rows are multinomial.</summary>
    Multinomial,

    /// <summary>Each row a number of times that is Poisson with mean 1, independently of the others, as rows that are spread over hosts would be drawn.</summary>
    Poisson,
}
