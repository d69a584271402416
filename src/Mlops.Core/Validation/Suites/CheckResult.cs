namespace Mlops.Validation;

/// <summary>What one check of a suite found.</summary>
/// <param name="Check">The name of the check: <c>duplicate_rows</c>.</param>
/// <param name="Summary">What was found, in one sentence. Holds no value of the data.</param>
/// <param name="Conditions">The conditions; none where the check only shows.</param>
public sealed record CheckResult(string Check, string Summary, IReadOnlyList<CheckCondition> Conditions)
{
    private readonly CheckStatus? _status;

    /// <summary>Gets what the check comes to: the worst of its conditions, where nothing else was set.</summary>
    public CheckStatus Status
    {
        get => _status ?? (Conditions.Count == 0 ? CheckStatus.Pass : Conditions.Max(condition => condition.Status));
        init => _status = value;
    }

    /// <summary>Gets the figures that were measured, by name: <c>duplicate_ratio</c>; <see langword="null"/> where one is undefined for these data.</summary>
    public IReadOnlyDictionary<string, double?> Values { get; init; } = new Dictionary<string, double?>();

    /// <summary>Gets the figures for people to read.</summary>
    public IReadOnlyList<CheckTable> Tables { get; init; } = [];

    /// <summary>Makes the result of a check that had nothing to look at.</summary>
    /// <param name="check">The name of the check.</param>
    /// <param name="reason">What is absent.</param>
    /// <returns>The result.</returns>
    public static CheckResult NotApplicable(string check, string reason) => new(check, reason, []) { Status = CheckStatus.NotApplicable };
}
