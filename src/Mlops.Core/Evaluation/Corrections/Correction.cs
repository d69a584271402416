namespace Mlops.Evaluation;

/// <summary>How p-values are corrected for the number of tests.</summary>
public enum Correction
{
    /// <summary>Not at all: the false-alarm rate holds for each test by itself.</summary>
    None,

    /// <summary>Each p-value times the number of tests. Bounds the probability of any false alarm, whatever the dependence between the tests (C. E. Bonferroni, 1936; O. J. Dunn, 1961).</summary>
    Bonferroni,

    /// <summary>Bonferroni step by step from the smallest p-value: the same guarantee, never weaker (S. Holm, 1979).</summary>
    Holm,

    /// <summary>Bonferroni step by step from the largest p-value; for independent or positively dependent tests (Y. Hochberg, 1988).</summary>
    Hochberg,

    /// <summary>Closed test of Simes' inequality, stronger than <see cref="Hochberg"/>; for independent or positively dependent tests (G. Hommel, 1988).</summary>
    Hommel,

    /// <summary>1 − (1 − p) to the number of tests; for independent or positively dependent tests (Z. Šidák, 1967).</summary>
    Sidak,

    /// <summary>Šidák step by step from the smallest p-value; for independent or positively dependent tests (B. S. Holland, M. D. Copenhaver, 1987).</summary>
    HolmSidak,

    /// <summary>Bounds the expected share of false alarms among all alarms; for independent or positively dependent tests (Y. Benjamini, Y. Hochberg, 1995).</summary>
    BenjaminiHochberg,

    /// <summary>Bounds the expected share of false alarms among all alarms, whatever the dependence between the tests (Y. Benjamini, D. Yekutieli, 2001).</summary>
    BenjaminiYekutieli,
}
