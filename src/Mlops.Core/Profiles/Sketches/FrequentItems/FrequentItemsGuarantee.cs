namespace Mlops.Profiles;

/// <summary>Which mistake a list of frequent values must not contain.</summary>
public enum FrequentItemsGuarantee
{
    /// <summary>Every listed value is more frequent than the threshold; some that are may be missing.</summary>
    NoFalsePositives = 0,

    /// <summary>Every value more frequent than the threshold is listed; some that are not may be listed too.</summary>
    NoFalseNegatives = 1,
}
